import { expect } from 'chai'
import type { Command } from '../../../cli/command/command.js'
import { allCommands } from '../../../cli/commands/index.js'
import { SCENARIOS } from './all-scenarios.js'
import type { Inputs } from './inputs.js'
import { workspaceIn } from './workspace.js'

/** Commands that change nothing of the user's. Any other needs a scenario. */
const READERS = [
  ...['find', 'search', 'get', 'inspect', 'history', 'diff', 'vulnerabilities', 'tags', 'set outdated'],
  ...['receipt show', 'receipt verify', 'media status', 'database list', 'source list', 'trust list'],
  ...['config get', 'config list', 'config path', 'completion', 'version'],
  // Answers requests, and writes nothing.
  'serve',
  // Does what the other commands do, by the same library.
  'ui',
]

/** A command that does something, by the words that call it. */
interface Called {
  words: string
  run: NonNullable<Command['run']>
}

function called(command: Command, above = ''): Called[] {
  const words = `${above}${command.name}`
  const below = (command.subcommands ?? []).flatMap((one) => called(one, `${words} `))
  return command.run ? [{ words, run: command.run }, ...below] : below
}

describe('the scenarios in which calls fail', () => {
  let commands: Called[]
  before(async () => {
    commands = (await allCommands()).flatMap((command) => called(command))
  })

  it('have one of every command that changes something', async () => {
    const inputs = new Proxy({} as Inputs, { get: () => async () => 'given' })
    const workspace = workspaceIn('/nowhere')
    const lines = await Promise.all(SCENARIOS.map(async (one) => await one.command(inputs, workspace)))
    const tried = (words: string): boolean =>
      lines.some((line) => words.split(' ').every((word, i) => line[i] === word))
    const changing = commands.filter(({ words }) => !READERS.includes(words))
    expect(changing.length).to.be.greaterThan(20)
    expect(changing.map(({ words }) => words).filter((words) => !tried(words))).to.deep.equal([])
  })

  it('are not needed of commands that never ask before they change something', () => {
    const readers = commands.filter(({ words }) => READERS.includes(words))
    expect(readers.map(({ words }) => words)).to.have.members(READERS)
    expect(readers.filter(({ run }) => /\bagreed\(/.test(run.toString()))).to.deep.equal([])
  })

  it('have titles of their own', () => {
    const titles = SCENARIOS.map(({ title }) => title)
    expect(titles).to.have.length(new Set(titles).size)
  })
})
