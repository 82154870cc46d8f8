import { expect } from 'chai'
import { allCommands } from '../../cli/commands/index.js'
import { CMDLETS, WITHOUT_CMDLET } from '../../cli/words/cmdlets.js'
import { parametersOf } from '../../cli/words/parameters.js'
import { CATEGORIES } from '../../scripts/powershell/categories.js'
import { FORMS } from '../../scripts/powershell/forms.js'
import { allCmdlets } from '../../scripts/powershell/module.js'
import { REPLACED } from '../../scripts/powershell/parameters.js'
import { describeWithPeers } from '../peers/peers.js'
import { MODULE, runPowerShell } from './run-powershell.js'

/** As Get-Command shows one. */
interface Shown {
  names: string[]
  type: string
  values: string[]
}

const SHOW = `
Import-Module '${MODULE}'
$all = [ordered]@{}
foreach ($command in Get-Command -Module ContainerImage) {
  $all[$command.Name] = @(foreach ($one in $command.Parameters.Values) {
    $values = @($one.Attributes | Where-Object { $_ -is [ValidateSet] } | ForEach-Object { $_.ValidValues })
    @{ names = @($one.Name) + @($one.Aliases); type = $one.ParameterType.Name; values = $values }
  })
}
ConvertTo-Json $all -Depth 5 -Compress`

/** What PowerShell adds of its own, or what objects come in by. */
const OF_POWERSHELL = ['InputObject', 'ContainerImage', 'LiteralPath', 'Credential', 'WhatIf', 'Confirm']

describe('the table of cmdlets', () => {
  it('has a cmdlet for every command, or says what takes its place', async () => {
    const all = (await allCommands()).flatMap(({ name, subcommands }) =>
      subcommands ? subcommands.map((one) => `${name} ${one.name}`) : [name],
    )
    const covered = [
      ...Object.values(CMDLETS).map((words) => words.join(' ')),
      ...Object.keys(WITHOUT_CMDLET),
    ]
    expect(all.filter((name) => !covered.includes(name))).to.deep.equal([])
    expect(Object.keys(FORMS)).to.have.members(Object.keys(CMDLETS))
  })

  it('has a category of PowerShell for every error', () => {
    expect(Object.values(CATEGORIES).every((one) => /^[A-Z][A-Za-z]+$/.test(one))).to.equal(true)
  })
})

describeWithPeers(['powershell'], 'the parameters of the PowerShell module', () => {
  const shown = new Map<string, Shown[]>()

  before(async () => {
    const run = await runPowerShell(['-NonInteractive', '-Command', SHOW])
    expect(run.stderr).to.equal('')
    const all: Record<string, Shown[]> = JSON.parse(run.stdout)
    for (const [name, parameters] of Object.entries(all)) shown.set(name, parameters)
  })

  it('are those of the command line, none more and none less', async () => {
    const common = new Set(
      (shown.get('Stop-ContainerImageServer') ?? []).flatMap(({ names }) => names.slice(0, 1)),
    )
    for (const { name, command, form } of await allCmdlets()) {
      const there = (shown.get(name) ?? []).filter(
        ({ names: [own = ''] }) => !OF_POWERSHELL.includes(own) && !common.has(own),
      )
      const wanted = parametersOf(command)
        .filter(({ key }) => !(key in REPLACED))
        .filter(({ names }) => !form.without?.includes(names[0] ?? ''))
      expect(there.map(({ names }) => names[0]).sort(), name).to.deep.equal(
        wanted.map(({ names }) => names[0]).sort(),
      )
      for (const one of wanted) {
        const other = there.find(({ names }) => names[0] === one.names[0])
        const aliases = new Set(
          one.names.filter((alias) => command.name !== 'save' || alias !== 'LiteralPath'),
        )
        expect(new Set(other?.names), `${name} -${one.names[0]}`).to.deep.equal(aliases)
        const isMany =
          one.kind === 'list' || command.positionals?.find(({ name: key }) => key === one.key)?.many
        const type = one.kind === 'switch' ? 'SwitchParameter' : isMany ? 'String[]' : 'String'
        expect(other?.type, `${name} -${one.names[0]}`).to.equal(type)
        const definition =
          command.options?.[one.key] ?? command.positionals?.find(({ name: key }) => key === one.key)
        expect(other?.values ?? [], `${name} -${one.names[0]}`).to.deep.equal([...(definition?.values ?? [])])
      }
    }
  })

  it('take the login of a registry as one object, where the command line takes it', async () => {
    for (const { name, command } of await allCmdlets()) {
      const takes = (shown.get(name) ?? []).some(({ names }) => names[0] === 'Credential')
      expect(takes, name).to.equal('username' in (command.options ?? {}))
    }
  })
})
