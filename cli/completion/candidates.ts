import type { Command, Offer, OptionDefinition, PositionalDefinition } from '../command/command.js'
import { allCommands, COMMANDS } from '../commands/index.js'
import { EVERYWHERE } from '../options/everywhere.js'
import { calledCommand } from '../parsing/called-command.js'
import { parametersOf } from '../words/parameters.js'
import { isPowerShellParameter, parameterNamed } from '../words/powershell.js'
import { POWERSHELL_NAMES, verbOf } from '../words/powershell-names.js'
import { offered } from './offered.js'

export interface Candidate {
  value: string
  describe: string
}

/** What may come at the cursor, and whether the shell's own file names may as well. */
export interface Candidates {
  candidates: Candidate[]
  files: 'files' | 'folders' | 'none'
}

const NOTHING: Candidates = { candidates: [], files: 'none' }

/**
 * What can complete a command line.
 * @param before the words before the one at the cursor, without the program
 * @param current the word at the cursor, as far as it has been typed
 * @param program the program's name, which may imply the command
 */
export async function candidatesFor(
  before: string[],
  current: string,
  program = 'containerimage',
): Promise<Candidates> {
  const called = await calledCommand(before, verbOf(program)).catch(() => 'unknown' as const)
  if (called === 'unknown') return NOTHING
  if (!called) return starting(current, current.startsWith('-') ? optionsOf({}, current) : await commands())
  const { command, words } = called
  const option = optionBefore(command, words)
  if (option) return await valuesOf(option, current)
  const [, name, joined] = /^--([a-z-]+)=(.*)$/.exec(current) ?? []
  const written = name === undefined ? undefined : optionNamed(command, name)
  if (written) return prefixed(await valuesOf(written, joined ?? ''), `--${name}=`)
  if (current.startsWith('-')) return starting(current, optionsOf(command, current))
  if (command.subcommands) return starting(current, command.subcommands.map(asCandidate))
  const place = placeAt(command, words)
  return place ? await valuesOf(place, current) : NOTHING
}

async function commands(): Promise<Candidate[]> {
  const summaries = (await allCommands()).map((command) => command.summary)
  const verbs = COMMANDS.map(({ names }, at) => ({ value: names[0], describe: summaries[at] ?? '' }))
  const cmdlets = Object.entries(POWERSHELL_NAMES).map(([value, verb]) => ({
    value,
    describe: `The same as ${verb}`,
  }))
  return [...verbs, ...cmdlets]
}

function asCandidate({ name, summary }: Command): Candidate {
  return { value: name, describe: summary }
}

/** In the spelling that was started: `--kebab-case`, or `-PascalCase` after one dash and a letter. */
function optionsOf(command: Pick<Command, 'options' | 'positionals'>, current: string): Candidate[] {
  if (isPowerShellParameter(current))
    return parametersOf(command)
      .filter(({ isPassedOver }) => !isPassedOver)
      .map(({ key, names }) => ({
        value: `-${names[0]}`,
        describe: describeOf(command, key),
      }))
  return Object.entries({ ...command.options, ...EVERYWHERE }).map(([name, { describe }]) => ({
    value: `--${name}`,
    describe,
  }))
}

function describeOf({ options, positionals }: Pick<Command, 'options' | 'positionals'>, key: string): string {
  const positional = positionals?.find((one) => one.name === key)
  return positional?.describe ?? { ...options, ...EVERYWHERE }[key]?.describe ?? ''
}

/** The option whose value the word at the cursor is. */
function optionBefore(
  command: Command,
  words: string[],
): OptionDefinition | PositionalDefinition | undefined {
  const last = words.at(-1) ?? ''
  if (last.startsWith('--')) return last.includes('=') ? undefined : optionNamed(command, last.slice(2))
  if (!isPowerShellParameter(last) || last.includes(':')) return undefined
  const parameter = unambiguous(last.slice(1), command)
  if (parameter?.kind === 'positional') return command.positionals?.find((one) => one.name === parameter.key)
  return parameter ? optionNamed(command, parameter.key) : undefined
}

function unambiguous(name: string, command: Command) {
  try {
    return parameterNamed(name, parametersOf(command))
  } catch {
    return undefined
  }
}

/** An option that takes a value, by one of its kebab-case names. */
function optionNamed(command: Command, name: string): OptionDefinition | undefined {
  const all = Object.entries({ ...command.options, ...EVERYWHERE })
  const found = all.find(([key, option]) => key === name || option.aliases?.includes(name))?.[1]
  return found?.type === 'switch' ? undefined : found
}

/** The positional that the word at the cursor would be. */
function placeAt(command: Command, words: string[]): PositionalDefinition | undefined {
  const places = command.positionals ?? []
  const bare = words.filter(
    (word, at) => !word.startsWith('-') && !optionBefore(command, words.slice(0, at)),
  ).length
  return places[bare] ?? (places.at(-1)?.many ? places.at(-1) : undefined)
}

async function valuesOf(
  { values, offer }: { values?: readonly string[]; offer?: Offer },
  current: string,
): Promise<Candidates> {
  if (values)
    return starting(
      current,
      values.map((value) => ({ value, describe: '' })),
    )
  if (offer === 'files' || offer === 'folders') return { candidates: [], files: offer }
  return offer ? starting(current, await offered(offer)) : NOTHING
}

function prefixed({ candidates, files }: Candidates, prefix: string): Candidates {
  return { candidates: candidates.map((one) => ({ ...one, value: prefix + one.value })), files }
}

function starting(current: string, candidates: Candidate[]): Candidates {
  const wanted = current.toLowerCase()
  return {
    candidates: candidates.filter(({ value }) => value.toLowerCase().startsWith(wanted)),
    files: 'none',
  }
}
