/** Options of other tools that mean the same, and what to do here. */
interface Foreign {
  words: readonly string[]
  /** Options that a command has to have for it; none: it holds for every command. */
  needs?: readonly string[]
  /** The command for which it holds; none: for every one. */
  of?: string
  remedy: string
}

/** What says where images are, for those of our commands that have it. */
const PLACES = ['source', 'media', 'path', 'from', 'archive', 'folder']

/** Options of our own that people give to a command that works elsewhere. */
const ELSEWHERE: readonly Foreign[] = [
  {
    words: PLACES,
    of: 'uninstall',
    remedy:
      'This removes what is installed. Images of a media go with `containerimage media remove PATH NAME`.',
  },
  {
    words: [...PLACES, 'keep', 'newest'],
    of: 'prune',
    remedy: 'This cleans up the store. A media is cleaned up with `containerimage media prune PATH`.',
  },
  {
    words: [...PLACES, 'keep', 'newest', 'all-versions'],
    of: 'store check',
    remedy: 'This checks the store. A media is checked with `containerimage verify PATH`.',
  },
  {
    words: PLACES,
    of: 'get',
    remedy: 'This lists what is installed. What a media offers is listed with `containerimage inspect PATH`.',
  },
  {
    words: PLACES,
    of: 'verify',
    remedy: 'Give the path as a word, without an option before it.',
  },
  { words: ['media', 'from', 'archive'], needs: ['source'], remedy: 'Here that is --source.' },
]

/** Those of skopeo, docker, podman, crane, wimlib, apt and the shells; the first that fits a command is told. */
const FOREIGN: readonly Foreign[] = [
  {
    words: [
      'tls-verify',
      'src-tls-verify',
      'dest-tls-verify',
      'skip-tls-verify',
      'plain-http',
      'insecure-registry',
    ],
    needs: ['insecure'],
    remedy:
      'Here that is --insecure for plain http, or --ca-file for a registry with an authority of its own.',
  },
  {
    words: ['creds', 'src-creds', 'dest-creds', 'user', 'password'],
    needs: ['password-stdin'],
    remedy: 'Here that is --username with --password-stdin, so that no password stands in a command line.',
  },
  {
    words: ['authfile', 'registry-config', 'src-authfile', 'dest-authfile'],
    needs: ['password-stdin'],
    remedy: "Credentials come from docker's config.json; DOCKER_CONFIG names another folder for it.",
  },
  {
    words: ['cacert', 'ca-cert', 'cafile', 'cert-dir'],
    needs: ['ca-file'],
    remedy: 'Here that is --ca-file.',
  },
  { words: ['cert', 'tls-cert'], needs: ['client-cert'], remedy: 'Here that is --client-cert.' },
  { words: ['key', 'tls-key'], needs: ['client-key'], remedy: 'Here that is --client-key.' },
  {
    words: ['os', 'arch', 'architecture', 'variant', 'override-os', 'override-arch', 'override-variant'],
    needs: ['platform'],
    remedy: 'Here that is one option: --platform linux/arm64.',
  },
  {
    words: ['dest', 'out', 'output-dir', 'target', 'to', 'dir', 'file'],
    needs: ['path'],
    remedy: 'Here that is --path.',
  },
  {
    words: ['dest', 'out', 'output-file', 'target', 'to', 'dir'],
    needs: ['output'],
    remedy: 'Here that is --output.',
  },
  {
    words: ['input', 'file', 'archive', 'image-path', 'from-file', 'src'],
    needs: ['identity'],
    remedy: 'Give the file as a word, without an option before it.',
  },
  {
    words: ['y', 'yes', 'assume-yes', 'noconfirm', 'force', 'non-interactive', 'batch'],
    remedy: 'Nothing is asked unless --confirm is there: leave it out.',
  },
  { words: ['limit', 'max', 'top', 'last'], needs: ['newest'], remedy: 'Here that is --newest.' },
  {
    words: ['limit', 'max', 'top', 'last'],
    needs: ['filter'],
    remedy: 'Here rows are chosen with --filter.',
  },
  { words: ['dry-run', 'simulate', 'noop', 'no-act'], remedy: 'Here that is --what-if.' },
  { words: ['silent', 'no-output'], remedy: 'Here that is --quiet.' },
  { words: ['debug', 'trace', 'log-level'], remedy: 'Here that is --verbose.' },
  { words: ['root', 'storage', 'data-root', 'data-dir'], remedy: 'Here that is --store.' },
  {
    words: ['port', 'addr', 'address', 'host', 'bind'],
    needs: ['listen'],
    remedy: 'Here that is --listen, with host and port: --listen 127.0.0.1:5000.',
  },
  {
    words: [
      'compression',
      'compression-format',
      'compress',
      'dest-compress',
      'dest-decompress',
      'compress-level',
    ],
    remedy: 'Leave it out: layers keep their bytes, and so their digests.',
  },
  { words: ['digestfile', 'iidfile'], remedy: 'Take the digest from the result that --json prints.' },
  { words: ['remove-signatures'], needs: ['no-referrers'], remedy: 'Here that is --no-referrers.' },
  { words: ['all', 'multi-arch'], needs: ['all-platforms'], remedy: 'Here that is --all-platforms.' },
  { words: ['tag', 'rename', 'as'], needs: ['name'], remedy: 'Here that is --name.' },
  {
    words: ['raw', 'config'],
    needs: ['remote', 'format'],
    remedy: 'Leave it out: the result is JSON, and --format takes parts of it.',
  },
]

/**
 * What to do if somebody uses another tool's option.
 * @param word without its dashes
 * @param known the options of the command
 * @param command its name: `media remove`
 * @returns undefined for any other word
 */
export function optionHere(word: string, known: readonly string[], command = ''): string | undefined {
  const wanted = word.toLowerCase()
  const fits = ({ words, needs = [], of = command }: Foreign): boolean =>
    words.includes(wanted) && of === command && needs.every((one) => known.includes(one))
  return [...ELSEWHERE, ...FOREIGN].find(fits)?.remedy
}
