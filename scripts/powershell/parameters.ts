import type { Command, Offer } from '../../cli/command/command.js'
import { COMMON_PARAMETERS } from '../../cli/options/common-parameters.js'
import { EVERYWHERE } from '../../cli/options/everywhere.js'
import { type Parameter, parametersOf, pascalCase } from '../../cli/words/parameters.js'
import type { CmdletForm } from './forms.js'

/**
 * What every command has and PowerShell provides itself, and the login, which is one object here. `store` is the one
 * that stays.
 */
export const REPLACED: Record<string, string> = {
  json: 'Objects come out.',
  quiet: '-WarningAction, $ProgressPreference',
  verbose: '-Verbose',
  progress: '$ProgressPreference, -ProgressAction',
  'no-progress': '$ProgressPreference, -ProgressAction',
  'what-if': '-WhatIf',
  confirm: '-Confirm',
  help: 'Get-Help, -?',
  username: '-Credential',
  'password-stdin': '-Credential',
  // PowerShell itself gives these to every cmdlet.
  ...Object.fromEntries(Object.keys(COMMON_PARAMETERS).map((key) => [key, `-${pascalCase(key)}`])),
}

/** One parameter of a cmdlet. */
export interface CmdletParameter {
  /** The name on the command line, without dashes; undefined for parameters that only PowerShell has. */
  key?: string
  name: string
  aliases: string[]
  kind: 'switch' | 'value' | 'list' | 'place' | 'places'
  /** The type in PowerShell; for those of the command line, `kind` determines it. */
  type?: string
  values?: readonly string[]
  isPath: boolean
  offer?: string
  describe: string
  position?: number
  mandatory: boolean
  fromPipeline?: boolean
  byPropertyName?: boolean
  /** All sets, if none. */
  sets: string[]
}

/** Among parameters that complete something other than paths. */
const PATH_KEYS = /path|location|^source$|^base$/

/** Parameters that an object from the pipeline fills from a property. */
const BY_PROPERTY = ['RequiredVersion', 'Version', 'Source', 'Platform', 'FullName']

/** The parameters of a cmdlet, from those of its command. */
export function cmdletParameters(command: Command, form: CmdletForm): CmdletParameter[] {
  const own = parametersOf(command)
    .filter(({ key }) => !(key in REPLACED))
    .filter(({ names }) => !form.without?.includes(names[0] ?? ''))
    .map((one) => asCmdletParameter(one, command, form))
  const credential = command.options !== undefined && 'username' in command.options ? [CREDENTIAL] : []
  return inSets([...own, ...credential], form)
}

function asCmdletParameter(one: Parameter, command: Command, form: CmdletForm): CmdletParameter {
  const place = command.positionals?.findIndex(({ name }) => name === one.key) ?? -1
  const positional = command.positionals?.[place]
  const isPlace = one.kind === 'positional'
  const definition = isPlace ? positional : { ...command.options, ...EVERYWHERE }[one.key]
  const [name = '', ...aliases] = [...new Set(one.names)]
  const many = isPlace ? positional?.many === true : one.kind === 'list'
  const left = form.without?.length ?? 0
  const position = form.positions?.[name] ?? (isPlace ? place - left : undefined)
  return {
    key: one.key,
    name,
    aliases: aliases.filter((alias) => alias !== 'LiteralPath' || !splitsPath(command)),
    kind: one.kind === 'switch' ? 'switch' : isPlace ? (many ? 'places' : 'place') : many ? 'list' : 'value',
    values: definition?.values,
    // If a name is expected, a path may be given as well.
    isPath: isPlace || isPathOffer(definition?.offer) || PATH_KEYS.test(one.key),
    offer: offerOf(name, command, definition?.offer),
    describe: definition?.describe ?? '',
    position,
    mandatory:
      (form.mandatory?.includes(name) ?? false) ? true : one.required && form.mandatory?.length !== 0,
    byPropertyName: form.input !== undefined && BY_PROPERTY.includes(name),
    sets: [],
  }
}

/** -Path accepts wildcards there, and -LiteralPath does not. */
function splitsPath(command: Command): boolean {
  return command.name === 'save'
}

function isPathOffer(offer: Offer | undefined): boolean {
  return offer === 'files' || offer === 'folders'
}

function offerOf(name: string, { name: command }: Command, offer: Offer | undefined): string | undefined {
  if (name === 'Platform') return 'platforms'
  if (name === 'FullName') return 'fullNames'
  if (/Version$/.test(name)) return command === 'uninstall' ? 'installedVersions' : 'versions'
  if (name === 'NameOrPath' || (name === 'Name' && (command === 'find' || command === 'save')))
    return 'catalog'
  return offer === 'files' || offer === 'folders' || offer === 'commands' ? undefined : offer
}

const CREDENTIAL: CmdletParameter = {
  name: 'Credential',
  aliases: [],
  kind: 'value',
  type: 'System.Management.Automation.PSCredential',
  isPath: false,
  describe: 'User and password at the one registry that this run names',
  mandatory: false,
  sets: [],
}

/** Divides them into sets: names that are typed, or objects from the pipeline; a path with wildcards or a literal one. */
function inSets(parameters: CmdletParameter[], form: CmdletForm): CmdletParameter[] {
  const { input } = form
  if (input === undefined) return parameters
  const carrier = input === 'FullName' ? 'ContainerImage' : 'InputObject'
  const literal = parameters.some(({ name, key }) => key === 'path' && name === 'Path' && input === 'Name')
  const typed = alternatives(parameters, form)
  const suffixed = (set: string): string[] => (literal ? [`${set}AndPath`, `${set}AndLiteralPath`] : [set])
  const all = parameters.map((one): CmdletParameter => {
    if (typed.includes(one.name)) {
      // Binding by property name would take precedence over the object itself, and lose whatever else that says about
      // an image.
      return { ...one, sets: suffixed(one.name), byPropertyName: false }
    }
    if (literal && one.name === 'Path')
      return { ...one, mandatory: true, sets: ['NameAndPath', `${carrier}AndPath`] }
    return one
  })
  const object: CmdletParameter = {
    name: carrier,
    aliases: [],
    kind: 'value',
    type: 'psobject[]',
    isPath: false,
    describe: 'What other cmdlets put out: images, files, names, or rows with a column Name',
    mandatory: true,
    fromPipeline: true,
    byPropertyName: false,
    sets: suffixed(carrier),
  }
  return [...all, object, ...(literal ? [literalPath(carrier)] : [])]
}

/** The parameters that say what is meant, each in a set of its own. */
function alternatives(parameters: CmdletParameter[], { input, mandatory = [] }: CmdletForm): string[] {
  return parameters
    .map(({ name }) => name)
    .filter((name) => name === input || (mandatory.includes(name) && name !== 'Registry'))
}

function literalPath(carrier: string): CmdletParameter {
  return {
    name: 'LiteralPath',
    aliases: [],
    kind: 'value',
    isPath: true,
    describe: 'Like -Path, but taken as it is written: [ and ] are not wildcards',
    mandatory: true,
    sets: ['NameAndLiteralPath', `${carrier}AndLiteralPath`],
  }
}
