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
