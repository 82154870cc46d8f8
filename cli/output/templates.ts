import { printable } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import { table } from './table.js'

/** One thing that a template can name of a row: `{{.Repository}}`. */
export interface Field<Row> {
  name: string
  /** Over its column, as docker has it. */
  title: string
  value(row: Row): string
}

/**
 * The lines of rows in a format that docker's users know: `json`, a line a row; a Go template of fields, with
 * `{{json .}}`, `{{json .Name}}`, `{{upper .Name}}` and `{{lower .Name}}`; or `table` and a template.
 * @param path the command, for messages
 * @throws USAGE for a field that is not there, and what is not a field
 */
export function formattedLines<Row>(
  format: string,
  rows: readonly Row[],
  fields: readonly Field<Row>[],
  path: string[],
): string[] {
  const isTable = /^table\s/.test(format)
  const template = isTable ? format.replace(/^table\s+/, '') : format === 'json' ? '{{json .}}' : format
  const pieces = piecesOf(unescaped(template), fields, path)
  if (!isTable) return rows.flatMap((row) => filled(pieces, row, fields).split('\n'))
  const cells = (text: (piece: Piece<Row>) => string): string[] => pieces.map(text).join('').split('\t')
  const titles = cells((piece) => (piece.kind === 'text' ? piece.text : (piece.field?.title ?? '')))
  const lines = rows.map((row) => cells((piece) => shownOf(piece, row, fields)))
  return table(
    titles.map((title) => ({ title: title.trim() })),
    lines,
    { gap: 3 },
  )
}

type Piece<Row> =
  | { kind: 'text'; text: string }
  /** Without a field it is the whole row. */
  | { kind: 'value'; field: Field<Row> | undefined; how: string | undefined }

function filled<Row>(pieces: readonly Piece<Row>[], row: Row, fields: readonly Field<Row>[]): string {
  return pieces.map((piece) => shownOf(piece, row, fields)).join('')
}

function shownOf<Row>(piece: Piece<Row>, row: Row, fields: readonly Field<Row>[]): string {
  if (piece.kind === 'text') return piece.text
  const { field, how } = piece
  if (!field) return JSON.stringify(Object.fromEntries(fields.map((one) => [one.name, one.value(row)])))
  const value = field.value(row)
  if (how === 'json') return JSON.stringify(value)
  const plain = printable(value)
  return how === 'upper' ? plain.toUpperCase() : how === 'lower' ? plain.toLowerCase() : plain
}

const ACTION = /\{\{-?\s*(.*?)\s*-?\}\}/g

function piecesOf<Row>(template: string, fields: readonly Field<Row>[], path: string[]): Piece<Row>[] {
  const pieces: Piece<Row>[] = []
  let at = 0
  for (const match of template.matchAll(ACTION)) {
    pieces.push({ kind: 'text', text: template.slice(at, match.index) })
    pieces.push(actionOf(match[1] ?? '', fields, path))
    at = match.index + match[0].length
  }
  const rest = template.slice(at)
  if (pieces.length === 0 || rest.includes('{{')) throw noTemplate(template, fields, path)
  return [...pieces, { kind: 'text', text: rest }]
}

function actionOf<Row>(action: string, fields: readonly Field<Row>[], path: string[]): Piece<Row> {
  const [, how, name] = /^(?:(json|upper|lower)\s+)?\.(\w*)$/.exec(action) ?? []
  if (name === '' && how === 'json') return { kind: 'value', field: undefined, how }
  const field = fields.find((one) => one.name.toLowerCase() === name?.toLowerCase())
  if (!field) throw noTemplate(`{{${action}}}`, fields, path)
  return { kind: 'value', field, how }
}

function noTemplate<Row>(found: string, fields: readonly Field<Row>[], path: string[]): Error {
  return usage(
    `--format cannot show '${printable(found)}'.`,
    path,
    `Write json, or a template of these: ${fields.map(({ name }) => `{{.${name}}}`).join(' ')}.`,
  )
}

/** Docker takes these two for what they are in a string of Go. */
function unescaped(template: string): string {
  return template.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
}
