/**
 * A paragraph of a Debian control file: its fields by their names in lower case. A continued field has its lines
 * joined by newlines.
 */
export type Paragraph = Map<string, string>

/**
 * Reads control files (deb822(5), Debian Policy 5.1): fields `Name: value`, continued by lines that begin
 * with a space or a tab, paragraphs separated by empty lines. Other lines are skipped.
 * @param wanted names in lower case; others are not kept
 */
export function* paragraphs(text: string, wanted: ReadonlySet<string>): Generator<Paragraph> {
  let paragraph: Paragraph = new Map()
  let isAny = false
  let name: string | undefined
  for (const line of linesOf(text)) {
    const first = line.charCodeAt(0)
    if (line === '' || line.trim() === '') {
      if (isAny) yield paragraph
      paragraph = new Map()
      isAny = false
      name = undefined
    } else if (first === SPACE || first === TAB) {
      if (name !== undefined) paragraph.set(name, `${paragraph.get(name) ?? ''}\n${line.slice(1)}`)
    } else {
      const colon = line.indexOf(':')
      if (colon <= 0 || first === HASH) continue
      isAny = true
      const key = line.slice(0, colon).toLowerCase()
      name = wanted.has(key) ? key : undefined
      if (name !== undefined) paragraph.set(name, line.slice(colon + 1).trim())
    }
  }
  if (isAny) yield paragraph
}

const SPACE = 0x20
const TAB = 0x09
const HASH = 0x23

/** Lines without their ends, one at a time, so that a long text is not in memory twice. */
export function* linesOf(text: string): Generator<string> {
  let from = 0
  while (from < text.length) {
    const end = text.indexOf('\n', from)
    const to = end === -1 ? text.length : end
    yield text.charCodeAt(to - 1) === CR && to > from ? text.slice(from, to - 1) : text.slice(from, to)
    from = to + 1
  }
}

const CR = 0x0d
