import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from '../../cli/command/command.js'
import { allCommands } from '../../cli/commands/index.js'
import { CMDLETS } from '../../cli/words/cmdlets.js'
import { ContainerImageError } from '../../manifests/index.js'
import { VERSION } from '../../manifests/program.js'
import { IS_NEW_ENOUGH, WANTED_NODE } from '../../provider/tool/carried-node.js'
import { CATEGORIES } from './categories.js'
import { FORMS } from './forms.js'
import { type Cmdlet, entryText, functionText, quoted } from './functions.js'
import { cmdletParameters } from './parameters.js'
import { formatText } from './views.js'

/** The part that is written by hand. */
const TEXTS = 'cli/powershell/module'

/** What is exported besides the cmdlets of the table. */
const MORE = ['Stop-ContainerImageServer']

/** The files of the module ContainerImage by their paths in its folder, made from the commands of the command line. */
export async function moduleFiles(): Promise<Record<string, string>> {
  const cmdlets = await allCmdlets()
  return {
    'ContainerImage.psd1': manifestText(cmdlets.map(({ name }) => name)),
    'ContainerImage.psm1': scriptText(cmdlets),
    'ContainerImage.Format.ps1xml': formatText(),
    'ContainerImage.Types.ps1xml': readFileSync(path.join(TEXTS, 'ContainerImage.Types.ps1xml'), 'utf8'),
    'en-US/about_ContainerImage.help.txt': readFileSync(
      path.join(TEXTS, 'en-US', 'about_ContainerImage.help.txt'),
      'utf8',
    ),
  }
}

/** Every cmdlet of the table, with its command. */
export async function allCmdlets(): Promise<Cmdlet[]> {
  const commands = await allCommands()
  return Object.entries(CMDLETS).map(([name, words]) => {
    const command = commandAt(commands, words)
    const form = FORMS[name]
    if (!form)
      throw new ContainerImageError('UNEXPECTED', `${name} has no form in scripts/powershell/forms.ts.`)
    return { name, path: words, command, form, parameters: cmdletParameters(command, form) }
  })
}

function commandAt(commands: Command[], [name, ...following]: string[]): Command {
  const command = commands.find((one) => one.name === name)
  if (!command) throw new ContainerImageError('UNEXPECTED', `There is no command ${name}.`)
  return following.length === 0 ? command : commandAt(command.subcommands ?? [], following)
}

function manifestText(names: string[]): string {
  const functions = [...names, ...MORE].sort().map((name) => `        ${quoted(name)}`)
  return `@{
    RootModule = 'ContainerImage.psm1'
    ModuleVersion = '${VERSION.replace(/-.*$/, '')}'
    GUID = '6f0f4d0e-5d0b-4f6c-9a64-0f2f6d1c7f5a'
    Author = 'The authors of containerimage'
    Copyright = 'Apache-2.0'
    Description = 'Find, save, carry and install operating-system images on hosts without a network'
    PowerShellVersion = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    TypesToProcess = @('ContainerImage.Types.ps1xml')
    FormatsToProcess = @('ContainerImage.Format.ps1xml')
    FunctionsToExport = @(
${functions.join(',\n')}
    )
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
    PrivateData = @{ PSData = @{ Tags = @('Containers', 'Images', 'Windows', 'Linux', 'Offline') } }
}
`
}

function scriptText(cmdlets: Cmdlet[]): string {
  const parts = readdirSync(path.join(TEXTS, 'parts')).sort()
  return [
    `# ContainerImage ${VERSION}: the cmdlets of containerimage. Made by the build from the table of commands; for Windows`,
    '# PowerShell 5.1 and PowerShell 7.',
    'Set-StrictMode -Version 2.0',
    '',
    `$script:IsNewEnough = ${quoted(IS_NEW_ENOUGH)}`,
    `$script:WantedNode = ${quoted(WANTED_NODE)}`,
    '',
    ...parts.flatMap((part) => [readFileSync(path.join(TEXTS, 'parts', part), 'utf8')]),
    '$script:Categories = @{',
    ...Object.entries(CATEGORIES).map(([code, category]) => `    ${code} = ${quoted(category)}`),
    '}',
    '',
    '$script:Cmdlets = @{',
    ...cmdlets.map(entryText),
    '}',
    '',
    '$script:Completions = @{',
    ...cmdlets.map(completionsText),
    '}',
    '',
    ...cmdlets.map(functionText),
    'Register-Completion',
    '',
    '$ExecutionContext.SessionState.Module.OnRemove = { Stop-AllServers; Remove-UnpackedNode }',
    '[void](Register-EngineEvent -SourceIdentifier PowerShell.Exiting -SupportEvent -Action { Remove-Module ContainerImage -Force -ErrorAction Ignore })',
    `Export-ModuleMember -Function ${[...cmdlets.map(({ name }) => name), ...MORE].join(', ')}`,
    '',
  ].join('\n')
}

function completionsText({ name, parameters }: Cmdlet): string {
  const offers = parameters.filter(({ offer, values }) => offer !== undefined && values === undefined)
  return `    ${quoted(name)} = @{ ${offers.map((one) => `${one.name} = ${quoted(one.offer ?? '')}`).join('; ')} }`
}
