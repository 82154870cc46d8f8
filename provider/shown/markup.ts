import { impossible, printable } from '../../manifests/index.js'
import { type Attributes, type Child, Shown } from './element.js'

/** In texts and between double quotes. */
const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const PLAIN = new Map(Object.entries(SIGNS).map(([sign, entity]) => [entity, sign]))
/** Elements without an end tag (HTML, 13.1.2, "void elements"), of those that are used here. */
const VOID = new Set(['meta', 'link', 'input'])
/** Nothing is escaped in them (HTML, 13.1.2, "raw text elements"): they may only hold texts of our own. */
const RAW = new Set(['style', 'script'])
/** Elements that begin on a new line, so that a change can be found in the text. */
const ON_A_LINE = new Set([
  'head',
  'body',
  'main',
  'h1',
  'h2',
  'p',
  'table',
  'tbody',
  'tr',
  'article',
  'details',
  'dl',
  'div',
])

const PIECE_LENGTH = 64 * 1024

/** What is being written: the rest of its content, and what ends it. */
interface Open {
  content: Iterator<Child>
  end: string
}

/**
 * As HTML, in pieces. Every text stays text: labels and histories come from whoever made the image. Lists are gone
 * through as they are written, so that they need no memory as a whole.
 */
export function* piecesOf(whole: Child): Generator<string> {
  // Joined, not concatenated with +: V8 keeps a concatenation as a tree of its parts, which takes ten times the memory.
  let texts: string[] = []
  let length = 0
  const open: Open[] = [{ content: [whole].values(), end: '' }]
  const write = (text: string): void => {
    texts.push(text)
    length += text.length
  }
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const { value, done } = top.content.next()
    if (done) {
      write(top.end)
      open.pop()
    } else if (typeof value === 'string') write(escaped(value))
    else if (typeof value === 'number') write(String(value))
    else if (value instanceof Shown) open.push(begun(value, write))
    else if (typeof value === 'object' && value !== null) open.push({ content: inOrder(value), end: '' })
    if (length < PIECE_LENGTH) continue
    yield texts.join('')
    texts = []
    length = 0
  }
  yield texts.join('')
}

function begun({ tag, attributes, children }: Shown, write: (text: string) => void): Open {
  if (typeof tag !== 'string') return { content: [tag({ ...attributes, children })].values(), end: '' }
  write(`${ON_A_LINE.has(tag) ? '\n' : ''}<${tag}${inTag(attributes)}>`)
  if (VOID.has(tag)) return { content: [].values(), end: '' }
  if (!RAW.has(tag)) return { content: children.values(), end: `</${tag}>` }
  for (const text of children) write(ownText(text))
  return { content: [].values(), end: `</${tag}>` }
}

function inTag(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([name, value]) => name !== 'key' && value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escaped(String(value))}"`))
    .join('')
}

function inOrder(value: object): Iterator<Child> {
  if (Symbol.iterator in value) return (value as Iterable<Child>)[Symbol.iterator]()
  impossible('An element of the window cannot be written as text.')
}

function ownText(text: Child): string {
  if (typeof text === 'string' && !text.includes('</')) return text
  impossible('Only a text of our own can be written here.')
}

function escaped(text: string): string {
  return printable(text).replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? '')
}

/** The text that was escaped. */
export function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => PLAIN.get(entity) ?? entity)
}
