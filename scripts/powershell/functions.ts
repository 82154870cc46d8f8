import type { Command } from '../../cli/command/command.js'
import { pascalCase } from '../../cli/words/parameters.js'
import { POWERSHELL } from '../../cli/words/powershell-wording.js'
import type { CmdletForm } from './forms.js'
import type { CmdletParameter } from './parameters.js'

/** One cmdlet, with everything that its text needs. */
export interface Cmdlet {
  name: string
  /** `['source', 'add']`. */
  path: string[]
  command: Command
  form: CmdletForm
  parameters: CmdletParameter[]
}

/** The function that implements a cmdlet. */
export function functionText(cmdlet: Cmdlet): string {
  const { name, form, parameters } = cmdlet
  return `function ${name} {
${helpText(cmdlet)}
    [CmdletBinding(${bindingText(cmdlet)})]
    [OutputType('ContainerImage.${form.type}')]
    param(
${parameters.map(parameterText).join(',\n\n')}
    )
    begin {
        # What was typed: in the pipeline more is bound, from the properties of objects.
        $state = @{ Typed = @{}; Done = @{} }
        foreach ($typed in $PSBoundParameters.Keys) { $state.Typed[$typed] = $PSBoundParameters[$typed] }
        $preferences = Get-CallerPreferences $PSCmdlet $PSBoundParameters
        foreach ($preference in $preferences.Keys) { Set-Variable -Name $preference -Value $preferences[$preference] -WhatIf:$false -Confirm:$false }
    }
    process {
        Invoke-ToolCmdlet $PSCmdlet '${name}' $PSBoundParameters $state $_
    }
}
`
}

function bindingText({ form, parameters }: Cmdlet): string {
  const [set] = parameters.find(({ name }) => name === form.input)?.sets ?? []
  return [
    ...(set === undefined ? [] : [`DefaultParameterSetName = '${set}'`]),
    'PositionalBinding = $false',
    ...(form.operation
      ? ['SupportsShouldProcess = $true', `ConfirmImpact = '${form.impact ?? 'Medium'}'`]
      : []),
  ].join(', ')
}

function parameterText(one: CmdletParameter): string {
  const facts = [
    ...(one.mandatory ? ['Mandatory = $true'] : []),
    ...(one.position === undefined ? [] : [`Position = ${one.position}`]),
    ...(one.fromPipeline ? ['ValueFromPipeline = $true'] : []),
    ...(one.byPropertyName ? ['ValueFromPipelineByPropertyName = $true'] : []),
  ]
  const attributes =
    one.sets.length === 0
      ? [`[Parameter(${facts.join(', ')})]`]
      : one.sets.map((set) => `[Parameter(${[`ParameterSetName = '${set}'`, ...facts].join(', ')})]`)
  return [
    ...attributes,
    ...(one.aliases.length > 0 ? [`[Alias(${one.aliases.map(quoted).join(', ')})]`] : []),
    ...(one.values ? [`[ValidateSet(${one.values.map(quoted).join(', ')})]`] : []),
    // It is up to the tool to judge an empty value.
    ...(one.mandatory && typeOf(one) === 'string' ? ['[AllowEmptyString()]'] : []),
    `[${typeOf(one)}] $${one.name}`,
  ]
    .map((line) => `        ${line}`)
    .join('\n')
}

function typeOf({ type, kind }: CmdletParameter): string {
  if (type !== undefined) return type
  return { switch: 'switch', value: 'string', place: 'string', list: 'string[]', places: 'string[]' }[kind]
}

/** Help in comments, as read by Get-Help. */
function helpText({ command, form, parameters, path }: Cmdlet): string {
  const lines = [
    '.SYNOPSIS',
    `${inPowerShell(command.summary)}.`,
    '.DESCRIPTION',
    `${inPowerShell(command.summary)}. ${form.description ?? ''}`.trim(),
    '',
    `It runs \`containerimage ${path.join(' ')}\`, which lies beside this module.`,
    ...parameters.flatMap(({ name, describe }) => [`.PARAMETER ${name}`, `${inPowerShell(describe)}.`]),
    ...form.examples.flatMap(([line, does]) => ['.EXAMPLE', line, '', does]),
    '.OUTPUTS',
    `ContainerImage.${form.type}`,
    '.LINK',
    'about_ContainerImage',
  ]
  return ['    <#', ...lines.map((line) => (line === '' ? '' : `    ${line}`)), '    #>'].join('\n')
}

/** A text of the command line in PowerShell's spelling. */
export function inPowerShell(text: string): string {
  return text
    .replace(/`([a-z]+(?: [^`]*)?)`/g, (_, line: string) => {
      const [verb = '', ...following] = line.split(' ')
      return POWERSHELL.command(verb, following)
    })
    .replace(/--([a-z][a-z-]*)/g, (_, name: string) => `-${pascalCase(name)}`)
    .replace('; with -Quiet only the ids', '')
    .replace(/; - for stdout|; default: stdout/, '')
}

/** A cmdlet's entry in the table that the functions use. */
export function entryText({ name, path, form, parameters }: Cmdlet): string {
  const places = parameters.filter(({ kind, key }) => key !== undefined && kind.startsWith('place'))
  const options = parameters.filter(({ kind, key }) => key !== undefined && !kind.startsWith('place'))
  const fixed = Object.entries(form.fixed ?? {}).map(([key, value]) => `${key} = ${quoted(value)}`)
  return [
    `    ${quoted(name)} = @{`,
    `        Command = @(${path.map(quoted).join(', ')})`,
    `        Type = ${quoted(`ContainerImage.${form.type}`)}`,
    `        Shape = ${quoted(form.shape)}`,
    `        Operation = ${quoted(form.operation ?? '')}`,
    `        Impact = ${quoted(form.impact ?? 'None')}`,
    `        ChangesWith = ${quoted(form.changesWith ?? '')}`,
    `        Input = ${quoted(form.input ?? parameters.find(({ position }) => position === 0)?.name ?? '')}`,
    `        InputKind = ${quoted(form.inputKind ?? '')}`,
    `        Once = $${form.once === true}`,
    `        Fixed = @{ ${fixed.join('; ')} }`,
    `        Places = @(${places.map((one) => `@{ Name = ${quoted(one.name)}; IsPath = $${one.isPath} }`).join(', ')})`,
    '        Options = @(',
    ...options.map(
      (one) =>
        `            @{ Name = ${quoted(one.name)}; Key = ${quoted(one.key ?? '')}; Kind = ${quoted(one.kind)}; IsPath = $${one.isPath} }`,
    ),
    '        )',
    '    }',
  ].join('\n')
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
