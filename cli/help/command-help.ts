import type { Command, OptionDefinition, PositionalDefinition } from '../command/command.js'
import { EVERYWHERE } from '../options/everywhere.js'
import { FOREIGN, NETWORK } from '../options/network.js'
import { cmdletsOf } from '../words/powershell-names.js'
import { type Item, section, widestTerm, wrapped } from './layout.js'
import { syntax } from './syntax.js'

/** The help of one command, or of a command with others below it. @param path its words: `['source', 'add']` */
export function commandHelp(path: string[], command: Command): string {
  const { summary, more, positionals = [], options = {}, subcommands = [] } = command
  const own = optionItems(options, (name) => !isOfNetwork(name))
  const network = optionItems(options, isOfNetwork)
  const everywhere = optionItems(EVERYWHERE)
  const widest = widestTerm([...own, ...network, ...everywhere])
  const usage = [syntax(['containerimage', ...path.slice(0, -1)], command), ...requiredTerms(options)].join(
    ' ',
  )
  return [
    ...wrapped(subcommands.length > 0 ? `${usage} COMMAND` : usage),
    '',
    ...wrapped(`${summary}.${more === undefined ? '' : ` ${more}.`}`),
    ...section('Commands', subcommands.map(asItem)),
    ...section('Words', positionals.map(positionalItem)),
    ...section('Options', own, widest),
    ...section('Network', network, widest),
    ...section('Everywhere', everywhere, widest),
    ...alsoLines(command),
    ...exampleLines(command),
    '',
  ].join('\n')
}

/** The names of an option, the short ones first, and what its value is: `-o, --path PATH`. */
export function optionTerm(
  name: string,
  { aliases = [], parameters = [], placeholder, type }: OptionDefinition,
): string {
  const short = [...aliases, ...parameters].filter((one) => /^[a-zA-Z]$/.test(one)).map((one) => `-${one}`)
  const value = type === 'switch' ? '' : ` ${placeholder ?? 'VALUE'}`
  return `${[...short, `--${name}`].join(', ')}${value}`
}

/** What cannot be left out: `--path PATH`. */
function requiredTerms(options: Record<string, OptionDefinition>): string[] {
  return Object.entries(options)
    .filter(([, { required }]) => required)
    .map(([name, { placeholder }]) => `--${name} ${placeholder ?? 'VALUE'}`)
}

function optionItems(
  options: Record<string, OptionDefinition>,
  isWanted: (name: string) => boolean = () => true,
): Item[] {
  return Object.entries(options)
    .filter(([name]) => isWanted(name))
    .map(([name, option]) => ({ term: optionTerm(name, option), text: option.describe }))
}

/** Options for reaching registries are listed separately: few runs need them. */
function isOfNetwork(name: string): boolean {
  return name in NETWORK || name in FOREIGN
}

function positionalItem({ name, describe }: PositionalDefinition): Item {
  return { term: name, text: describe }
}

function asItem({ name, summary }: Command): Item {
  return { term: name, text: summary }
}

/** Other names of the command and of its options. */
function alsoLines({ name, aliases = [], options = {} }: Command): string[] {
  const cmdlets = cmdletsOf(name)
  const others = Object.entries(options).flatMap(([own, one]) =>
    (one.aliases ?? []).filter((alias) => alias.length > 1).map((alias) => `--${alias} for --${own}`),
  )
  return [
    ...(aliases.length > 0 ? [`Also called ${aliases.join(', ')}.`] : []),
    ...(cmdlets.length > 0 ? [`Also ${cmdlets.join(', ')}, with -PascalCase parameters.`] : []),
    ...(others.length > 0 ? [`Also ${others.join(', ')}.`] : []),
  ].flatMap((line, i) => [...(i === 0 ? [''] : []), ...wrapped(line)])
}

function exampleLines({ examples }: Command): string[] {
  return [
    '',
    'Examples:',
    ...examples.flatMap(({ line, does }) => [`  # ${does}`, `  containerimage ${line}`]),
  ]
}
