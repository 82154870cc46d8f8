import type { Node, ParsedNode } from 'yaml'
import { LIMITS } from './limits.js'
import type { Findings } from './problems.js'

/** A value of a YAML or JSON document, with the line that it is on. All scalars are texts: `12.10` is not a number. */
export type YamlValue = { line: number } & (
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: YamlValue[] }
  | { kind: 'map'; members: YamlMember[] }
)

export interface YamlMember {
  key: string
  /** Of the key. */
  line: number
  value: YamlValue
}

/**
 * Parses YAML 1.2, of which JSON is a part. The parser is loaded when it is first needed.
 * @returns undefined if nothing of it can be used; what is wrong is in the findings
 */
export async function parseYaml(text: string, findings: Findings): Promise<YamlValue | undefined> {
  const line = deepLine(text)
  if (line !== undefined) {
    findings.note(`line ${line}`, `at most ${LIMITS.nesting} levels`, 'more')
    return undefined
  }
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  // Without types for scalars, a version stays what was written.
  const options = { schema: 'failsafe', lineCounter: lines, prettyErrors: false, logLevel: 'error' } as const
  const document = yaml.parseDocument(text, options)
  const lineAt = (offset: number): number => lines.linePos(offset).line
  for (const { message, pos } of [...document.errors, ...document.warnings])
    findings.note(`line ${lineAt(pos[0])}`, 'YAML or JSON', message)
  if (document.errors.length > 0) return undefined
  const reader: Reader = { findings, lineAt, isList: yaml.isSeq, isMap: yaml.isMap, known: new Map() }
  return treeOf(document.contents, reader, 0, (node) =>
    yaml.isAlias(node) ? (node.resolve(document) as Node | undefined) : node,
  )
}

/** The line with more brackets, or more lists in lists, than anything has a use for: they cost the parser its stack. */
function deepLine(text: string): number | undefined {
  let depth = 0
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(?:[-?:]\s+){64}/.test(line)) return at + 1
    for (const character of line) {
      if (character === '[' || character === '{') depth++
      else if (character === ']' || character === '}') depth--
      if (depth > LIMITS.nesting) return at + 1
    }
  }
  return undefined
}

interface Reader {
  findings: Findings
  lineAt(offset: number): number
  isList: typeof import('yaml').isSeq
  isMap: typeof import('yaml').isMap
  /** What an anchor names is read once, however many aliases it has; undefined while it is being read. */
  known: Map<Node, YamlValue | undefined>
}

function treeOf(
  given: unknown,
  reader: Reader,
  depth: number,
  resolved: (node: Node) => Node | undefined,
): YamlValue | undefined {
  const node = resolved(given as Node)
  const line = reader.lineAt((given as ParsedNode | null)?.range?.[0] ?? 0)
  if (!node) return { line, kind: 'text', text: '' }
  if (reader.known.has(node)) {
    const known = reader.known.get(node)
    if (!known) reader.findings.note(`line ${line}`, 'a value', 'one that contains itself')
    return known
  }
  if (depth > LIMITS.nesting) {
    reader.findings.note(`line ${line}`, `at most ${LIMITS.nesting} levels`, 'more')
    return undefined
  }
  reader.known.set(node, undefined)
  const inner = (one: unknown): YamlValue | undefined => treeOf(one, reader, depth + 1, resolved)
  const value = read(node, line, reader, inner)
  reader.known.set(node, value)
  return value
}

function read(
  node: Node,
  line: number,
  { lineAt, isList, isMap }: Reader,
  inner: (one: unknown) => YamlValue | undefined,
): YamlValue {
  if (isList(node)) return { line, kind: 'list', items: node.items.flatMap((item) => inner(item) ?? []) }
  if (!isMap(node)) return { line, kind: 'text', text: String((node as { value?: unknown }).value ?? '') }
  const members = node.items.flatMap(({ key, value }) => {
    const at = inner(key)
    const one = value === null ? { line: at?.line ?? line, kind: 'text' as const, text: '' } : inner(value)
    if (!at || !one) return []
    return { key: at.kind === 'text' ? at.text : '', line: lineAt((key as ParsedNode).range[0]), value: one }
  })
  return { line, kind: 'map', members }
}
