import type { Command, PositionalDefinition } from '../command/command.js'

/** `containerimage save <name..>`. @param above the words before the command's own name */
export function syntax(above: readonly string[], { name, positionals = [] }: Command): string {
  return [...above, name, ...positionals.map(placeOf)].join(' ')
}

function placeOf({ name, many, required, unless }: PositionalDefinition): string {
  const inner = many ? `${name}..` : name
  return required && unless === undefined ? `<${inner}>` : `[${inner}]`
}
