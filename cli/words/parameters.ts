import type { Command, OptionDefinition } from '../command/command.js'
import { COMMON_PARAMETERS } from '../options/common-parameters.js'
import { EVERYWHERE } from '../options/everywhere.js'
import { FOREIGN, NETWORK } from '../options/network.js'

/** One thing that a command takes, with all its names. */
export interface Parameter {
  /** The option's kebab-case name, or the positional's name. */
  key: string
  kind: 'switch' | 'value' | 'list' | 'positional'
  /** Kebab-case names, its own first; none for a positional. */
  options: string[]
  /** PascalCase names, its own first. */
  names: string[]
  /** Not the command's own, but what PowerShell calls a common parameter. */
  isCommon: boolean
  /** One that PowerShell's cmdlets have but that has no effect here; a prefix matches it last. */
  isPassedOver: boolean
  required: boolean
}

/** Everything that a command takes: positionals, its own options, those of every command. */
export function parametersOf(command: Pick<Command, 'positionals' | 'options'>): Parameter[] {
  const positionals = (command.positionals ?? []).map((one): Parameter => {
    const names = [pascalCase(one.name), ...(one.parameters ?? [])]
    const required = one.required ?? false
    return {
      key: one.name,
      kind: 'positional',
      options: one.options ?? [],
      names,
      isCommon: false,
      isPassedOver: false,
      required,
    }
  })
  const options = { ...command.options, ...EVERYWHERE }
  return [
    ...positionals,
    ...Object.entries(options).map(([key, option]) => optionParameter(key, option)),
    ...Object.entries(COMMON_PARAMETERS).map(([key, option]) => commonParameter(key, option)),
  ]
}

function optionParameter(key: string, option: OptionDefinition): Parameter {
  const aliases = option.aliases ?? []
  const own = option.parameter ?? pascalCase(key)
  return {
    key,
    kind: option.type,
    options: [key, ...aliases],
    names: [own, ...aliases.map(pascalCase), ...(option.parameters ?? [])],
    isPassedOver: false,
    isCommon: key in EVERYWHERE || key in NETWORK || key in FOREIGN,
    required: option.required ?? false,
  }
}

/** They have no `--kebab-case` spelling. */
function commonParameter(key: string, option: OptionDefinition): Parameter {
  return { ...optionParameter(key, option), options: [], isCommon: true, isPassedOver: true }
}

/** `required-version` as PowerShell would spell it: `RequiredVersion`. */
export function pascalCase(kebab: string): string {
  return kebab
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}
