import type { Arguments } from '../command/arguments.js'
import type { Command, PositionalDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commandNamed } from '../commands/index.js'
import { commandHelp } from '../help/command-help.js'
import { overview } from '../help/overview.js'
import { COMMON_PARAMETERS, isAction } from '../options/common-parameters.js'
import { parametersOf, pascalCase } from '../words/parameters.js'
import { intoOneSpelling, type OneSpelling } from '../words/powershell.js'
import { asksForVersion } from '../words/version-words.js'
import { calledCommand } from './called-command.js'
import { readArguments } from './yargs-command.js'

export type Parsed = { command: Command; arguments: Arguments } | { text: string }

export interface ParseOptions {
  /** The command that the program's own name implies. */
  verb?: string
}

/**
 * Reads a command line in either spelling: a command with its arguments, or the text that was requested.
 * @throws USAGE
 */
export async function parse(words: string[], { verb }: ParseOptions = {}): Promise<Parsed> {
  const called = await calledCommand(words, verb)
  if (!called) return { text: await withoutCommand(words) }
  const { command, path } = called
  const spelling = intoOneSpelling(called.words, parametersOf(command), path)
  if (command.name === 'help') return { text: await helpOf(spelling.positionals) }
  if (spelling.options.includes('--help=true')) return { text: commandHelp(path, command) }
  checkPlaces(command, path, spelling)
  refuseEmpty(command, path, spelling)
  const root = await commandNamed(path[0] ?? '')
  const all = [...spelling.positionals, ...spelling.options]
  const read = await readArguments(root ? [root] : [], path, all)
  checkValues(command, path, read)
  checkActions(path, read)
  refuseDash(command, path, read)
  return { command, arguments: read }
}

/** The help of everything, or the version. */
async function withoutCommand(words: string[]): Promise<string> {
  const isAlone = words.length === 1 && asksForVersion(words[0])
  if (isAlone || words.includes('--version'))
    return `${(await import('../../manifests/program.js')).VERSION}\n`
  intoOneSpelling(words, parametersOf({}), [])
  return await overview()
}

/** The help of a command, or of everything. @throws USAGE if there is no command of that name */
async function helpOf(words: string[]): Promise<string> {
  const called = await calledCommand(words)
  return called ? commandHelp(called.path, called.command) : await overview()
}

/** Names what is missing and what is superfluous; yargs would only count. */
function checkPlaces(command: Command, path: string[], { positionals, options }: OneSpelling): void {
  const places = command.positionals ?? []
  const isGiven = (name: string): boolean => options.some((option) => option.startsWith(`--${name}=`))
  const missing = places
    .slice(positionals.length)
    .find(({ required, unless }) => required && !(unless !== undefined && isGiven(unless)))
  const [example] = command.examples
  if (missing)
    throw usage(
      `${path.join(' ')} needs ${missing.called ?? named(missing)}${missing.unless ? `, or --${missing.unless}` : ''}.`,
      path,
      example && `For example: \`containerimage ${example.line}\`. See also \`--help\`.`,
    )
  const [extra] = places.at(-1)?.many ? [] : positionals.slice(places.length)
  if (extra !== undefined)
    throw usage(`A positional parameter cannot be found that accepts argument '${extra}'.`, path)
  const required = Object.entries(command.options ?? {}).filter(([, option]) => option.required)
  const left = required.find(([name]) => !isGiven(name))
  if (left)
    throw usage(
      `${path.join(' ')} needs --${left[0]}${left[1].placeholder ? ` ${left[1].placeholder}` : ''}.`,
      path,
      example && `For example: \`containerimage ${example.line}\`. See also \`--help\`.`,
    )
}

function named({ name, many }: PositionalDefinition): string {
  const article = /^[aeiou]/.test(name) ? 'an' : 'a'
  return `${many ? 'at least one' : article} ${name}`
}

/** An empty text would be treated as the default, or as the current folder, instead of as a mistake. */
function refuseEmpty(command: Command, path: string[], { positionals, options }: OneSpelling): void {
  const places = command.positionals ?? []
  const empty = positionals.indexOf('')
  const place = places[Math.min(empty, places.length - 1)]
  const option = options.find((word) => /^--[a-z0-9-]+=$/.test(word))
  const label = option?.slice(0, -1) ?? (empty >= 0 && !place?.mayBeEmpty ? place?.name : undefined)
  if (label !== undefined)
    throw usage(`${label} is empty.`, path, 'Give it a value, or leave it out for the default.')
}

/**
 * A lone `-` means standard input if the command reads that; otherwise it is a mistake that must be reported.
 */
function refuseDash(command: Command, path: string[], given: Arguments): void {
  for (const { name, stdin } of command.positionals ?? [])
    if (!stdin && (given.text(name) === '-' || given.list(name)?.includes('-')))
      throw usage(
        `- stands for standard input, which ${path.join(' ')} does not read.`,
        path,
        'Leave it out, or write ./- for a file of that name.',
      )
}

/** What PowerShell would refuse as a value of -ErrorAction and the like. */
function checkActions(path: string[], given: Arguments): void {
  for (const name of Object.keys(COMMON_PARAMETERS).filter((one) => one.endsWith('-action'))) {
    const value = given.text(name)
    if (value !== undefined && !isAction(value))
      throw usage(
        `Cannot bind parameter '${pascalCase(name)}': '${value}' is not an action.`,
        path,
        'Write Continue, SilentlyContinue, Ignore, Stop, Inquire, Suspend or Break.',
      )
  }
}

/** Values that are not allowed. */
function checkValues(command: Command, path: string[], given: Arguments): void {
  const places = (command.positionals ?? []).map((one) => ({ ...one, label: one.name }))
  const options = Object.entries(command.options ?? {}).map(([name, one]) => ({
    ...one,
    name,
    label: `--${name}`,
    synonyms: undefined,
  }))
  for (const { name, label, values, synonyms = {} } of [...places, ...options]) {
    if (!values) continue
    const written = [given.text(name) ?? given.list(name) ?? []].flat()
    const wrong = written.find((value) => !values.includes(value) && !Object.hasOwn(synonyms, value))
    if (wrong !== undefined) throw usage(`${label} is ${values.join(' or ')}, not '${wrong}'.`, path)
  }
}
