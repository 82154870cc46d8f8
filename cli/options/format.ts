import type { OptionDefinition } from '../command/command.js'

/** How rows are shown, as docker's commands have it. */
export const FORMAT: OptionDefinition = {
  type: 'value',
  placeholder: 'TEMPLATE',
  describe: 'table, json, or a template: {{.Name}}',
  more: 'json is a line for each row. A template is one of Go, of plain fields, also after the word table; what it can name is said where it names something else',
}

/** The template of a request; undefined where the usual table is wanted. */
export function templateIn(text: string | undefined): string | undefined {
  return text === 'table' ? undefined : text
}

export const NO_TRUNC: OptionDefinition = { type: 'switch', describe: 'Do not shorten anything' }
