import type { OptionDefinition } from '../command/command.js'

/** How rows are shown, as docker's commands have it. */
export const FORMAT: OptionDefinition = {
  type: 'value',
  placeholder: 'TEMPLATE',
  describe: 'table, json, or a template: {{.Name}}',
  more: 'json is one line per row. A template is a Go template with plain fields, also after the word table; if it names an unknown field, the error lists the known ones',
}

/** The template of a request; undefined where the usual table is wanted. */
export function templateIn(text: string | undefined): string | undefined {
  return text === 'table' ? undefined : text
}

export const NO_TRUNC: OptionDefinition = { type: 'switch', describe: 'Do not shorten anything' }
