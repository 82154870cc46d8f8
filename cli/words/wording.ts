import type { ErrorCode, OptionName, Wording } from '../../manifests/index.js'

/** Options that have another name on the command line than in the library. */
const OTHERWISE: Partial<Record<OptionName, string>> = {
  allowForeignHosts: 'allow-foreign-host',
  certFile: 'client-cert',
  keyFile: 'client-key',
  passphrase: 'passphrase-file',
  registries: 'registry',
  splitSize: 'split',
}

/** The same words, for one command: remedies name only options that it has. @param options of the command, as typed */
export function wordingFor(words: Wording, options: Iterable<string>): Wording {
  const known = new Set(options)
  return { ...words, takes: (name) => known.has(COMMAND_LINE.option(name).slice(2)) }
}

/** How messages spell options and commands for people who type them. */
export const COMMAND_LINE: Wording = {
  option: (name) => `--${OTHERWISE[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  command: (verb, following) => `\`${['containerimage', verb, ...following].join(' ')}\``,
  remedies: {
    UNEXPECTED: 'Run the command again with --verbose and report what it prints.',
    USAGE: 'See `containerimage --help`, or --help after the command.',
    FORMAT_UNKNOWN: 'See the formats in `containerimage save --help`.',
  } satisfies Partial<Record<ErrorCode, string>>,
}
