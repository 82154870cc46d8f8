import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commandNamed, commandNames } from '../commands/index.js'
import { didYouMean } from '../words/nearest.js'
import { parametersOf } from '../words/parameters.js'
import { isPowerShellParameter, parameterNamed } from '../words/powershell.js'
import { verbOf } from '../words/powershell-names.js'
import { secondWordHere, wordHere } from '../words/words-of-others.js'

/** The command that a command line calls, and the remaining words for it. */
export interface CalledCommand {
  /** `['source', 'add']`. */
  path: string[]
  command: Command
  words: string[]
}

/**
 * Finds the command in a command line: the first word that is neither an option nor its value.
 * @param verb the command, if the program's own name implies it
 * @returns undefined if no command is called
 * @throws USAGE for an unknown command
 */
export async function calledCommand(words: string[], verb?: string): Promise<CalledCommand | undefined> {
  const named = verb === undefined ? firstBareWord(words) : undefined
  const name = verb ?? (named && (verbOf(named.word) ?? named.word))
  if (name === undefined) return undefined
  const command = await commandNamed(name)
  if (!command) {
    const here = wordHere(name)
    const near = here === undefined ? didYouMean(name, commandNames()) : ''
    throw usage(`There is no command '${name}'.${near}`, [], here)
  }
  const rest = named ? without(words, named.at) : words
  return command.subcommands
    ? calledSubcommand(command, rest)
    : { path: [command.name], command, words: rest }
}

function calledSubcommand(command: Command, words: string[]): CalledCommand {
  const named = firstBareWord(words)
  if (!named) return { path: [command.name], command, words }
  const names = command.subcommands?.flatMap((one) => [one.name, ...(one.aliases ?? [])]) ?? []
  const called = command.subcommands?.find((one) => [one.name, ...(one.aliases ?? [])].includes(named.word))
  if (!called) {
    const here = secondWordHere(command.name, named.word, names)
    const near = here === undefined ? didYouMean(named.word, names) : ''
    throw usage(`There is no command '${command.name} ${named.word}'.${near}`, [command.name], here)
  }
  return { path: [command.name, called.name], command: called, words: without(words, named.at) }
}

/** Options before the command are those of every command; only these must be known to skip them. */
function firstBareWord(words: string[]): { word: string; at: number } | undefined {
  const everywhere = parametersOf({})
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') return undefined
    if (!word.startsWith('--') && !isPowerShellParameter(word)) return { word, at }
    const takesNext = word.startsWith('--')
      ? everywhere.find((one) => one.options.includes(word.slice(2)))
      : word.includes(':') && !word.endsWith(':')
        ? undefined
        : parameterNamed(word.replace(/^-|:$/g, ''), everywhere)
    if (takesNext && takesNext.kind !== 'switch') at++
  }
  return undefined
}

function without(words: string[], at: number): string[] {
  return [...words.slice(0, at), ...words.slice(at + 1)]
}
