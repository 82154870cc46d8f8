import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { allCommands, commandNamed } from '../commands/index.js'
import { parametersOf } from '../words/parameters.js'
import { intoOneSpelling, type OneSpelling } from '../words/powershell.js'
import { calledCommand } from './called-command.js'
import { readArguments } from './yargs-command.js'

export type Parsed = { command: Command; arguments: Arguments } | { text: string }

export interface ParseOptions {
  /** The command that the program's own name implies. */
  verb?: string
  /** Width of the terminal; help is wrapped to it. */
  columns?: number
}

/**
 * Reads a command line in either spelling: a command with its arguments, or the text that was requested.
 * @throws USAGE
 */
export async function parse(words: string[], { verb, columns }: ParseOptions = {}): Promise<Parsed> {
  const called = await calledCommand(words, verb)
  if (!called) return { text: await withoutCommand(words, columns) }
  const { command, path } = called
  const spelling = intoOneSpelling(called.words, parametersOf(command), path)
  if (command.name === 'help') return { text: await helpText(await knownPath(spelling.positionals), columns) }
  const asksForHelp = spelling.options.includes('--help=true')
  if (!asksForHelp) {
    checkPlaces(command, path, spelling)
    refuseEmpty(command, path, spelling)
  }
  const root = await commandNamed(path[0] ?? '')
  const all = [...spelling.positionals, ...spelling.options]
  const understood = await readArguments(root ? [root] : [], path, asksForHelp ? ['--help'] : all, columns)
  if ('help' in understood) return { text: understood.help }
  checkValues(command, path, understood.arguments)
  refuseDash(command, path, understood.arguments)
  return { command, arguments: understood.arguments }
}

/** The help of everything, or the version. */
async function withoutCommand(words: string[], columns?: number): Promise<string> {
  if (words.includes('--version')) return `${(await import('../../manifests/program.js')).VERSION}\n`
  intoOneSpelling(words, parametersOf({}), [])
  return await helpText([], columns)
}

/** The help of a command, or of everything. */
async function helpText(path: string[], columns?: number): Promise<string> {
  const root = path[0] === undefined ? undefined : await commandNamed(path[0])
  const understood = await readArguments(root ? [root] : await allCommands(), path, ['--help'], columns)
  return 'help' in understood ? understood.help : ''
}

/** The command that help is requested for. @throws USAGE if there is none of that name */
async function knownPath(words: string[]): Promise<string[]> {
  return (await calledCommand(words))?.path ?? []
}

/** What is missing, by name, and what is superfluous; yargs would only count. */
function checkPlaces(command: Command, path: string[], { positionals, options }: OneSpelling): void {
  const places = command.positionals ?? []
  const isGiven = (name: string): boolean => options.some((option) => option.startsWith(`--${name}=`))
  const missing = places
    .slice(positionals.length)
    .find(({ required, unless }) => required && !(unless !== undefined && isGiven(unless)))
  const [example] = command.examples
  if (missing)
    throw usage(
      `${path.join(' ')} needs ${missing.many ? 'at least one' : article(missing.name)} ${missing.name}${missing.unless ? `, or --${missing.unless}` : ''}.`,
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

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a'
}

/** An empty text would be treated as the default, or as the current folder, instead of as a mistake. */
function refuseEmpty(command: Command, path: string[], { positionals, options }: OneSpelling): void {
  const places = command.positionals ?? []
  const empty = positionals.indexOf('')
  const place = places[Math.min(empty, places.length - 1)]
  const option = options.find((word) => /^--[a-z0-9-]+=$/.test(word))
  const label = option?.slice(0, -1) ?? (empty >= 0 && !place?.mayBeEmpty ? place?.name : undefined)
  if (label !== undefined)
    throw usage(`${label} is empty.`, path, 'Give it a value, or leave it out to have what is usual.')
}

/** A lone `-` is standard input if the command reads that, and otherwise a mistake that must be reported. */
function refuseDash(command: Command, path: string[], given: Arguments): void {
  for (const { name, stdin } of command.positionals ?? [])
    if (!stdin && (given.text(name) === '-' || given.list(name)?.includes('-')))
      throw usage(
        `- stands for standard input, which ${path.join(' ')} does not read.`,
        path,
        'Leave it out, or write ./- for a file of that name.',
      )
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
    const value = given.text(name)
    if (values && value !== undefined && !values.includes(value) && !Object.hasOwn(synonyms, value))
      throw usage(`${label} is ${values.join(' or ')}, not '${value}'.`, path)
  }
}
