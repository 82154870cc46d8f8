/**
 * The options that messages speak of, by the names that they have in the library's requests. What reads the messages
 * has a spelling of its own: the command line writes `--required-version` where the library has `requiredVersion`.
 */
export const OPTION_NAMES = [
  'allPlatforms',
  'allTags',
  'allVersions',
  'allowForeignHosts',
  'auth',
  'base',
  'caFile',
  'certFile',
  'delta',
  'encryptTo',
  'engine',
  'engineAddress',
  'expand',
  'failOn',
  'fixed',
  'force',
  'format',
  'from',
  'fullName',
  'gate',
  'identity',
  'ignore',
  'index',
  'insecure',
  'integrity',
  'json',
  'keep',
  'keepGoing',
  'keyFile',
  'listen',
  'locked',
  'name',
  'newest',
  'noForeign',
  'noLatest',
  'noPassphrase',
  'noReferrers',
  'only',
  'onlyVolume',
  'output',
  'owner',
  'passphrase',
  'path',
  'platform',
  'policy',
  'receipt',
  'recipients',
  'recovery',
  'ref',
  'registries',
  'repair',
  'repository',
  'requireReferrers',
  'requireSignatures',
  'requiredVersion',
  'sbom',
  'set',
  'sign',
  'signedBy',
  'skipUnsupported',
  'source',
  'splitSize',
  'store',
  'tlsCert',
  'tlsKey',
  'type',
  'version',
  'volumeSize',
  'wimCompress',
  'withDatabase',
  'withNode',
  'withTool',
] as const

export type OptionName = (typeof OPTION_NAMES)[number]

/** How options and verbs are written for those who read the messages. */
export interface Wording {
  /** An option, such as `--platform`. */
  option(name: OptionName): string
  /** Whether what runs takes an option; default: nobody knows, and every option may be named. */
  takes?(name: OptionName): boolean
  /** A verb with what follows it, such as `containerimage find NAME`. */
  command(verb: string, following: string[]): string
  /** What to do after an error, by its code, where these readers can do something of their own. */
  remedies: Partial<Record<string, string>>
}

const LIBRARY: Wording = {
  option: (name) => `\`${name}\``,
  command: (verb) => `\`${verb}\``,
  remedies: {},
}

/** The last of them is spoken. */
const spoken: Wording[] = [LIBRARY]

export function wording(): Wording {
  return spoken.at(-1) ?? LIBRARY
}

/** An option, as those who read the messages write it. */
export function option(name: OptionName): string {
  return wording().option(name)
}

/** Those of some options that what runs takes, for a remedy: `--output or --path`; undefined if it takes none of them. */
export function taken(...names: OptionName[]): string | undefined {
  const { takes = () => true, option: spelt } = wording()
  const those = names.filter((name) => takes(name)).map((name) => spelt(name))
  return those.length > 0 ? those.join(' or ') : undefined
}

/** ` with --output or --path`; empty if what runs takes none of them. */
export function withTaken(...names: OptionName[]): string {
  const those = taken(...names)
  return those === undefined ? '' : ` with ${those}`
}

/** A verb to use, as those who read the messages write it. What follows it is for those who type a line. */
export function command(verb: string, ...following: string[]): string {
  return wording().command(verb, following)
}

/** Puts all messages of this process in the words of its readers, until the function that it returns is called. */
export function speak(words: Wording): () => void {
  spoken.push(words)
  return () => {
    const at = spoken.lastIndexOf(words)
    if (at > 0) spoken.splice(at, 1)
  }
}
