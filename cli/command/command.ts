import type { Arguments } from './arguments.js'
import type { Run } from './run.js'

/** What completion can offer for a value. */
export type Offer = 'sources' | 'installed' | 'settings' | 'commands' | 'files' | 'folders'

/** An option, under its kebab-case name. */
export interface OptionDefinition {
  /** A switch stands alone, a value takes one word, a list may be given more than once or with commas. */
  type: 'switch' | 'value' | 'list'
  /** For a list: a comma is part of the value. */
  keepsCommas?: boolean
  /** One plain line, which help shows beside the option in 80 columns. */
  describe: string
  /** What does not fit that line; docs/cli.md and the man page add it. */
  more?: string
  /** Other kebab-case names. */
  aliases?: string[]
  /** Its name in PowerShell's spelling, if it is not simply its own name in PascalCase. */
  parameter?: string
  /** Other names in PowerShell's spelling. */
  parameters?: string[]
  /** The placeholder for the value in help: `DIR`. */
  placeholder?: string
  /** The only allowed values. */
  values?: readonly string[]
  required?: boolean
  offer?: Offer
}

/** A word without a name; its position says what it means. */
export interface PositionalDefinition {
  name: string
  /** One plain line. */
  describe: string
  /** What does not fit that line; docs/cli.md and the man page add it. */
  more?: string
  required?: boolean
  /** What a message calls it if it is missing: `a second image`; default: its name. */
  called?: string
  /** Not required if this option is given. */
  unless?: string
  /** Takes all remaining words; only the last positional may. */
  many?: boolean
  /** An empty word has a meaning here; everywhere else it is probably an unset variable in a script. */
  mayBeEmpty?: boolean
  /** `-` is standard input. */
  stdin?: boolean
  /** Its names as an option, kebab-case: `--input FILE` fills this place. */
  options?: string[]
  /** Commas separate the words, unless a file of that very name exists. */
  commas?: boolean
  /** Other names in PowerShell's spelling. */
  parameters?: string[]
  values?: readonly string[]
  /** Other words for some of the values. */
  synonyms?: Record<string, string>
  offer?: Offer
}

export interface Example {
  /** After the program's name: `find debian`. */
  line: string
  does: string
}

/** One command: all that parsing, help, completion and docs/cli.md know about it, and what it does. */
export interface Command {
  name: string
  aliases?: string[]
  /** One plain line, without its full stop. */
  summary: string
  /** What does not fit that line, a sentence without its full stop. */
  more?: string
  positionals?: PositionalDefinition[]
  options?: Record<string, OptionDefinition>
  examples: Example[]
  subcommands?: Command[]
  /**
   * Does the work. Returns the exit code if it is not 0 although nothing was thrown.
   * @throws ContainerImageError
   */
  run?(args: Arguments, run: Run): Promise<number | undefined>
}
