import { damaged, type Place } from './damage.js'

/**
 * An element of the XML data: only the parts of XML that WIMs use, and nothing that could expand when it is
 * read.
 */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The text directly in it, without that of its children. */
  readonly text: string
}

const MAX_DEPTH = 32
const MAX_ELEMENTS = 200_000
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const NAME = /[A-Za-z_:][A-Za-z0-9_:.-]*/y
const SPACE = /[ \t\r\n]*/y
const ATTRIBUTE = /([A-Za-z_:][A-Za-z0-9_:.-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y

interface Open {
  name: string
  attributes: Map<string, string>
  children: XmlElement[]
  text: string
}

/**
 * Reads the XML data of a WIM: UTF-16, with a byte order mark or without. Document types and entities,
 * by which a small document grows without end or reads other files, are refused, as is all that is not
 * well-formed: ARCHIVE_INVALID.
 */
export function parseXml(bytes: Buffer, place: Place): XmlElement {
  const wrong = (at: number, what: string) =>
    damaged({ ...place, offset: (place.offset ?? 0) + 2 * at }, what)
  if (bytes.length % 2 !== 0) throw wrong(0, `its ${bytes.length} bytes are no UTF-16 text`)
  const text = bytes.toString('utf16le').replace(/\0+$/, '')
  const open: Open[] = []
  let root: XmlElement | undefined
  let elements = 0
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0

  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const addText = (raw: string, from: number) => {
    const inner = open.at(-1)
    if (inner) inner.text += decode(raw, from)
    else if (/[^ \t\r\n]/.test(raw)) throw wrong(from, 'there is text outside of the document')
  }
  const decode = (raw: string, from: number) =>
    raw.replace(/&([^;&]{0,12};?)?/g, (whole, inside: string | undefined, offset: number) => {
      const character = inside?.endsWith(';') ? reference(inside.slice(0, -1)) : undefined
      if (character === undefined) throw wrong(from + offset, `the entity ${whole} is not allowed`)
      return character
    })
  const close = () => {
    const done = open.pop()
    if (!done) throw wrong(at, 'an element ends that did not start')
    const parent = open.at(-1)
    if (parent) parent.children.push(done)
    else root = done
  }

  while (at < text.length) {
    const next = text.indexOf('<', at)
    const end = next < 0 ? text.length : next
    if (end > at) addText(text.slice(at, end), at)
    if (next < 0) break
    at = next
    if (text.startsWith('<!--', at)) at = skipTo('-->')
    else if (text.startsWith('<![CDATA[', at)) {
      const stop = skipTo(']]>')
      const inner = open.at(-1)
      if (!inner) throw wrong(at, 'there is text outside of the document')
      inner.text += text.slice(at + 9, stop - 3)
      at = stop
    } else if (text.startsWith('<?', at)) at = skipTo('?>')
    else if (text.startsWith('<!', at)) throw wrong(at, 'a document type is not allowed')
    else if (text.startsWith('</', at)) {
      at += 2
      const name = match(NAME)?.[0]
      match(SPACE)
      if (name === undefined || name !== open.at(-1)?.name || text[at] !== '>')
        throw wrong(at, `the element ${open.at(-1)?.name ?? ''} is not closed in its place`)
      at++
      close()
    } else startElement()
  }
  if (open.length > 0) throw wrong(at, `the element ${open.at(-1)?.name} is not closed`)
  if (!root) throw wrong(0, 'there is no element in it')
  return root

  function skipTo(mark: string): number {
    const found = text.indexOf(mark, at)
    if (found < 0) throw wrong(at, `${mark} is missing`)
    return found + mark.length
  }

  function startElement(): void {
    const from = at
    at++
    const name = match(NAME)?.[0]
    if (name === undefined) throw wrong(from, 'a < starts no element')
    if (root) throw wrong(from, 'there is a second document')
    if (++elements > MAX_ELEMENTS) throw wrong(from, `it has more than ${MAX_ELEMENTS} elements`)
    if (open.length >= MAX_DEPTH) throw wrong(from, `its elements are nested more than ${MAX_DEPTH} deep`)
    const attributes = new Map<string, string>()
    for (;;) {
      match(SPACE)
      const before = at
      const found = match(ATTRIBUTE)
      if (!found) break
      const key = found[1] ?? ''
      if (attributes.has(key)) throw wrong(before, `the attribute ${key} is there twice`)
      attributes.set(key, decode(found[2] ?? found[3] ?? '', before))
    }
    const empty = text[at] === '/'
    if (empty) at++
    if (text[at] !== '>') throw wrong(at, `the start of the element ${name} does not end`)
    at++
    open.push({ name, attributes, children: [], text: '' })
    if (empty) close()
  }
}

/** The character of a reference by number, or of one of the five that XML itself names. */
function reference(inside: string): string | undefined {
  if (Object.hasOwn(NAMED, inside)) return NAMED[inside]
  const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(inside)
  if (!number) return undefined
  const code = number[1] ? Number.parseInt(number[1], 16) : Number.parseInt(number[2] ?? '', 10)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

/** The first child of that name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name)
}

/** The trimmed text of the first child of that name; undefined where there is none or it is empty. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  const text = child(element, name)?.text.trim()
  return text === '' ? undefined : text
}
