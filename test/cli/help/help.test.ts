import { expect } from 'chai'
import type { Command } from '../../../cli/command/command.js'
import { allCommands, COMMANDS, GROUPS } from '../../../cli/commands/index.js'
import { commandHelp, optionTerm } from '../../../cli/help/command-help.js'
import { HELP_COLUMNS, wrapped } from '../../../cli/help/layout.js'
import { overview } from '../../../cli/help/overview.js'
import { EVERYWHERE } from '../../../cli/options/everywhere.js'

describe('help', () => {
  it('fits a console of 80 columns, whatever the command', async () => {
    const texts = [await overview()]
    for (const [path, command] of await everyCommand()) texts.push(commandHelp(path, command))
    const wide = texts.flatMap((text) => text.split('\n')).filter((line) => line.length > HELP_COLUMNS)
    // A line of an example is one command, to be copied whole.
    expect(wide.filter((line) => !line.startsWith('  containerimage ')).join('\n')).to.equal('')
  })

  it('says each option in one line, with its short names and what its value is', async () => {
    for (const [path, command] of await everyCommand()) {
      const lines = commandHelp(path, command).split('\n')
      for (const [name, option] of Object.entries({ ...command.options, ...EVERYWHERE })) {
        const term = optionTerm(name, option)
        const own = lines.filter((line) => line.startsWith(`  ${term}  `) && line.endsWith(option.describe))
        expect(own, `${path.join(' ')} ${term}`).to.have.length(1)
      }
    }
  })

  it('is in sentences that are not too long for a line, and says more elsewhere', async () => {
    for (const [, { summary, more, options = {}, positionals = [] }] of await everyCommand())
      for (const { describe: text, more: others } of [
        { describe: summary, more },
        ...Object.values(options),
        ...positionals,
      ]) {
        expect(text).to.not.match(/[^.]\.$|\n/)
        expect(others ?? '').to.not.match(/\.$|\n/)
      }
  })

  it('has every command in one group, in the order of the groups', async () => {
    const lines = (await overview()).split('\n')
    const places = GROUPS.map((group) => lines.indexOf(`${group[0]?.toUpperCase()}${group.slice(1)}:`))
    expect(places).to.deep.equal([...places].sort((a, b) => a - b))
    expect(places).to.not.include(-1)
    for (const { names, group } of COMMANDS) {
      const at = lines.findIndex((line) => line.startsWith(`  ${names[0]} `))
      const after = places[GROUPS.indexOf(group) + 1] ?? lines.length
      expect(at, names[0]).to.be.within(places[GROUPS.indexOf(group)] ?? 0, after)
    }
  })

  it('names what another tool calls the command, and the other names of options', async () => {
    const text = await helpOf('uninstall')
    expect(text).to.contain('Also called rmi, rm.')
    expect(text).to.contain('Also Uninstall-ContainerImage, Uninstall-ContainerOSImage, with -PascalCase')
    expect(await helpOf('find')).to.contain('Also --version for --required-version.')
  })

  it('breaks a longer text between words only', () => {
    expect(wrapped('one two three', '  ', 9)).to.deep.equal(['  one two', '  three'])
    expect(wrapped('unbreakable', '', 4)).to.deep.equal(['unbreakable'])
  })
})

async function everyCommand(): Promise<[string[], Command][]> {
  return (await allCommands()).flatMap((root): [string[], Command][] => [
    [[root.name], root],
    ...(root.subcommands ?? []).map((one): [string[], Command] => [[root.name, one.name], one]),
  ])
}

async function helpOf(name: string): Promise<string> {
  const [path, command] = (await everyCommand()).find(([[one]]) => one === name) ?? [[], undefined]
  if (!command) throw new Error(`there is no ${name}`)
  return commandHelp(path, command)
}
