import type { Argv, Options, PositionalOptions } from 'yargs'
import yargs from 'yargs'
import { present } from '../../manifests/index.js'
import { Arguments } from '../command/arguments.js'
import type { Command, OptionDefinition, PositionalDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'
import { EVERYWHERE } from '../options/everywhere.js'
import { FOREIGN, NETWORK } from '../options/network.js'
import { partsOf } from '../words/lists.js'
import { cmdletsOf } from '../words/powershell-names.js'

/** What yargs made of a command line: arguments, or the text of the requested help. */
export type Understood = { arguments: Arguments } | { help: string }

const WIDEST = 100

/**
 * Lets yargs check and read a command line in one spelling.
 * @param words options as `--name=value`, after the words of the command and its positionals
 * @throws USAGE
 */
export async function readArguments(
  commands: Command[],
  path: string[],
  words: string[],
  columns = 80,
): Promise<Understood> {
  let understood: Understood | undefined
  const parser = configured(columns, path)
  for (const [name, option] of Object.entries(EVERYWHERE))
    if (name !== 'help') parser.option(name, { ...yargsOption(name, option), global: true })
  parser.group('help', 'Everywhere:')
  if (path.length === 0) parser.option('version', { type: 'boolean', describe: 'Show the version' })
  for (const command of commands)
    addCommand(parser, command, [], (read) => {
      understood = { arguments: read }
    })
  const help = await new Promise<string>((resolve, reject) => {
    Promise.resolve(
      parser.parse([...path, ...words.map(keptDash)], (_error: unknown, _values: unknown, output: string) =>
        resolve(output),
      ),
    ).catch(reject)
  })
  return understood ?? { help: `${help}\n` }
}

/** What yargs gets for a lone `-`, which it would drop. */
const DASH = '\u0001-'

function keptDash(word: string): string {
  return word === '-' ? DASH : word
}

function asGiven(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asGiven)
  return value === DASH ? '-' : value
}

function configured(columns: number, path: string[]): Argv {
  return yargs()
    .scriptName('containerimage')
    .usage('Finds, saves, carries and installs operating-system images on hosts without a network.')
    .usage('')
    .usage('$0 COMMAND [options]')
    .detectLocale(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .wrap(Math.min(columns, WIDEST))
    .version(false)
    .help('help', EVERYWHERE.help?.describe)
    .alias('help', 'h')
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
    command: [syntax(command), ...(command.aliases ?? [])],
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

/** `save <name..>`. */
export function syntax(command: Command): string {
  return [command.name, ...(command.positionals ?? []).map(placeOf)].join(' ')
}

function placeOf({ name, many, required, unless }: PositionalDefinition): string {
  const inner = many ? `${name}..` : name
  return required && unless === undefined ? `<${inner}>` : `[${inner}]`
}

/** yargs would show the default of a list as `[]`, which tells a reader nothing. */
const MANY: PositionalOptions = { array: true, default: undefined }

function describeCommand(
  parser: Argv,
  command: Command,
  path: string[],
  found: (read: Arguments) => void,
): Argv {
  for (const { name, describe, many } of command.positionals ?? [])
    parser.positional(name, { type: 'string', describe, ...(many ? MANY : {}) })
  for (const [name, option] of Object.entries(command.options ?? {}))
    parser.option(name, yargsOption(name, option))
  for (const subcommand of command.subcommands ?? []) addCommand(parser, subcommand, path, found)
  parser.epilogue(examplesText(command))
  return parser
}

/** Examples and the old names. Not with yargs' own list of examples, which breaks their lines. */
function examplesText({ name, examples }: Command): string {
  const lines = examples.flatMap(({ line, does }) => [`  # ${does}`, `  $0 ${line}`])
  const cmdlets = cmdletsOf(name)
  const also = cmdlets.length > 0 ? ['', `Also ${cmdlets.join(', ')}, with -PascalCase parameters.`] : []
  return ['Examples:', ...lines, ...also].join('\n')
}

function yargsOption(name: string, option: OptionDefinition): Options {
  return {
    type: option.type === 'switch' ? 'boolean' : 'string',
    describe: describeOption(option),
    group: groupOf(name),
    array: option.type === 'list',
    alias: option.aliases,
    demandOption: option.required,
  }
}

function describeOption({ describe, values }: OptionDefinition): string {
  return values ? `${describe}: ${values.join(' or ')}` : describe
}

function groupOf(name: string): string {
  if (name in EVERYWHERE) return 'Everywhere:'
  return name in NETWORK || name in FOREIGN ? 'Network:' : 'Options:'
}

/** Only what the command declares, with lists split: yargs adds aliases and its own bookkeeping. */
function valuesOf(command: Command, given: Record<string, unknown>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { name, commas } of command.positionals ?? [])
    values[name] = parted(asGiven(given[name]), commas)
  for (const [name, { type }] of Object.entries({ ...command.options, ...EVERYWHERE }))
    values[name] = parted(given[name], type === 'list')
  return present(values)
}

function parted(value: unknown, commas = false): unknown {
  if (!Array.isArray(value)) return value
  // A list that was not given comes as [undefined], from the default that keeps it out of the help.
  const given = value.filter((one) => one !== undefined)
  if (given.length === 0) return undefined
  return commas ? given.map(String).flatMap(partsOf) : given
}
