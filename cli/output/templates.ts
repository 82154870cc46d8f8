import { printable } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import { table } from './table.js'

/** One thing in a row that a template can name: `{{.Repository}}`. */
export interface Field<Row> {
  name: string
  /** The title of its column, as in docker. */
  title: string
  /** A text, or a JSON value: then a template can name what is in it, as in `{{.Config.Env}}`. */
  value(row: Row): unknown
}

/**
 * The rows as lines in a format that docker's users know: `json`, one line per row; a Go template of fields,
 * with `{{json .}}`, `{{json .Name}}`, `{{upper .Name}}`, `{{lower .Name}}` and `{{.Name.Within}}`; or
 * `table` and a template.
 * @param path the command, for messages
 * @throws USAGE for an unknown field, and for anything that is not a field
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
  /** Without a field, the whole row. */
  | { kind: 'value'; field: Field<Row> | undefined; within: string[]; how: string | undefined }

function filled<Row>(pieces: readonly Piece<Row>[], row: Row, fields: readonly Field<Row>[]): string {
  return pieces.map((piece) => shownOf(piece, row, fields)).join('')
}

function shownOf<Row>(piece: Piece<Row>, row: Row, fields: readonly Field<Row>[]): string {
  if (piece.kind === 'text') return piece.text
  const { field, how } = piece
  if (!field) return JSON.stringify(Object.fromEntries(fields.map((one) => [one.name, one.value(row)])))
  const value = piece.within.reduce(memberOf, field.value(row))
  if (how === 'json') return JSON.stringify(value ?? null)
  const plain = printable(plainOf(value))
  return how === 'upper' ? plain.toUpperCase() : how === 'lower' ? plain.toLowerCase() : plain
}

/** As Go spells it, or as JSON does. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const key = Object.keys(value).find((one) => one === name || one.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : (value as Record<string, unknown>)[key]
}

/** As Go prints a value. */
function plainOf(value: unknown): string {
  if (value === undefined || value === null) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(plainOf).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, one]) => `${key}:${plainOf(one)}`).join(' ')}]`
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
  const [, how, names] = /^(?:(json|upper|lower)\s+)?\.((?:\w+(?:\.\w+)*)?)$/.exec(action) ?? []
  if (names === '' && how === 'json') return { kind: 'value', field: undefined, within: [], how }
  const [name = '', ...within] = (names ?? '').split('.')
  const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (!field) throw noTemplate(`{{${action}}}`, fields, path)
  return { kind: 'value', field, within, how }
}

function noTemplate<Row>(found: string, fields: readonly Field<Row>[], path: string[]): Error {
  return usage(
    `--format cannot show '${printable(found)}'.`,
    path,
    `Write json, or a template of these: ${fields.map(({ name }) => `{{.${name}}}`).join(' ')}.`,
  )
}

/** Docker reads these two as in a Go string. */
function unescaped(template: string): string {
  return template.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
}
