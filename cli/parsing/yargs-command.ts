import type { Argv, Options, PositionalOptions } from 'yargs'
import yargs from 'yargs'
import { impossible, present } from '../../manifests/index.js'
import { Arguments } from '../command/arguments.js'
import type { Command, OptionDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'
import { syntax } from '../help/syntax.js'
import { COMMON_PARAMETERS } from '../options/common-parameters.js'
import { EVERYWHERE } from '../options/everywhere.js'
import { partsOf } from '../words/lists.js'

/**
 * Lets yargs check and read a command line in one spelling.
 * @param words options as `--name=value`, after the words of the command and its positionals
 * @throws USAGE
 */
export async function readArguments(
  commands: Command[],
  path: string[],
  words: string[],
): Promise<Arguments> {
  let found: Arguments | undefined
  const parser = configured(path)
  for (const [name, option] of Object.entries({ ...EVERYWHERE, ...COMMON_PARAMETERS }))
    parser.option(name, { ...yargsOption(option), global: true })
  for (const command of commands)
    addCommand(parser, command, [], (read) => {
      found = read
    })
  await parser.parse([...path, ...words.map(keptDash)])
  return found ?? impossible(`${path.join(' ')} was not read.`)
}

/** What yargs is given in place of a lone `-`, which it would drop. */
const DASH = '\u0001-'

function keptDash(word: string): string {
  return word === '-' ? DASH : word
}

function asGiven(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asGiven)
  return value === DASH ? '-' : value
}

function configured(path: string[]): Argv {
  return yargs()
    .scriptName('containerimage')
    .detectLocale(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .version(false)
    .help(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .strict()
    .fail((message, error) => {
      throw error ?? usage(message, path)
    })
}

function addCommand(parser: Argv, command: Command, above: string[], found: (read: Arguments) => void): void {
  const path = [...above, command.name]
  parser.command({
    command: [syntax([], command), ...(command.aliases ?? [])],
    describe: command.summary,
    builder: (inner: Argv) => describeCommand(inner, command, path, found),
    handler: (values) => {
      if (!command.run) throw needsCommand(command, path)
      found(new Arguments(path, valuesOf(command, values)))
    },
  })
}

function needsCommand({ subcommands = [] }: Command, path: string[]): Error {
  const names = subcommands.map(({ name }) => name)
  const [all, last] = [names.slice(0, -1).join(', '), names.at(-1)]
  return usage(`${path.join(' ')} needs a command: ${all === '' ? last : `${all} or ${last}`}.`, path)
}

/** Without a default yargs would give `[]` where nothing was given. */
const MANY: PositionalOptions = { array: true, default: undefined }

function describeCommand(
  parser: Argv,
  command: Command,
  path: string[],
  found: (read: Arguments) => void,
): Argv {
  for (const { name, many } of command.positionals ?? [])
    parser.positional(name, { type: 'string', ...(many ? MANY : {}) })
  for (const [name, option] of Object.entries(command.options ?? {})) parser.option(name, yargsOption(option))
  for (const subcommand of command.subcommands ?? []) addCommand(parser, subcommand, path, found)
  return parser
}

function yargsOption(option: OptionDefinition): Options {
  return {
    type: option.type === 'switch' ? 'boolean' : 'string',
    array: option.type === 'list',
    alias: option.aliases,
    demandOption: option.required,
  }
}

/** Only what the command declares, with lists split: yargs adds aliases and its own bookkeeping. */
function valuesOf(command: Command, given: Record<string, unknown>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { name, commas } of command.positionals ?? [])
    values[name] = parted(asGiven(given[name]), commas)
  const options: Record<string, OptionDefinition> = {
    ...command.options,
    ...EVERYWHERE,
    ...COMMON_PARAMETERS,
  }
  for (const [name, { type, keepsCommas }] of Object.entries(options))
    values[name] = parted(given[name], type === 'list' && !keepsCommas)
  return present(values)
}

function parted(value: unknown, commas = false): unknown {
  if (!Array.isArray(value)) return value
  // A list that was not given comes as [undefined], from the default that keeps it out of the help.
  const given = value.filter((one) => one !== undefined)
  if (given.length === 0) return undefined
  return commas ? given.map(String).flatMap(partsOf) : given
}
