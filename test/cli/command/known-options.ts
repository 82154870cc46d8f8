import { expect } from 'chai'
import type { Command } from '../../../cli/command/command.js'
import { EVERYWHERE } from '../../../cli/options/everywhere.js'
import { calledCommand } from '../../../cli/parsing/called-command.js'

/** What a command line advises when it fails names only options that its command has. */
export async function expectKnownOptions(
  words: string[],
  { code, err }: { code: number; err: string },
): Promise<void> {
  if (code === 0) return
  const remedy = remedyIn(err)
  const unknown = await unknownOptions(remedy, await commandIn(words))
  expect(unknown, `options that ${words.slice(0, 2).join(' ')} does not have, in: ${remedy}`).to.deep.equal(
    [],
  )
}

/**
 * The options in a remedy that neither a command has, nor one that the remedy names in backticks. Lines in backticks for
 * other programs have options of their own.
 */
export async function unknownOptions(remedy: string, command: Command | undefined): Promise<string[]> {
  const lines = [...remedy.matchAll(/`containerimage ([^`]*)`/g)].map(([, line = '']) => line.split(' '))
  const others = await Promise.all(lines.map(commandIn))
  const tables: Command['options'][] = [EVERYWHERE, ...[command, ...others].map((one) => one?.options)]
  const known = tables
    .flatMap((table = {}) => Object.entries(table))
    .flatMap(([name, { aliases = [] }]) => [name, ...aliases])
  const ours = remedy.replace(/`(?!containerimage )[^`]*`/g, '')
  const named = [...ours.matchAll(/(?<![\w'-])--([a-z][a-z-]+)/g)].map(([, name = '']) => name)
  return named.filter((name) => !known.includes(name))
}

async function commandIn(words: string[]): Promise<Command | undefined> {
  return (await calledCommand(words).catch(() => undefined))?.command
}

/** The last line, or the remedy of the last document; empty if there is none. */
function remedyIn(err: string): string {
  const last = err.trimEnd().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(last).error?.remedy ?? ''
  } catch {
    return /^(Error| {2})/.test(last) ? '' : last
  }
}
