/** Help is read on consoles of this many columns, and in mails. */
export const HELP_COLUMNS = 80

/** What comes before and between the two columns of a list. */
const MARGIN = '  '

/** One line of a list: what it is, and what it means. */
export interface Item {
  term: string
  text: string
}

/** A list under a heading; every item is one line. None without items. */
export function section(heading: string, items: readonly Item[], widest = widestTerm(items)): string[] {
  if (items.length === 0) return []
  const lines = items.map(({ term, text }) => `${MARGIN}${term.padEnd(widest)}${MARGIN}${text}`.trimEnd())
  return ['', `${heading}:`, ...lines]
}

/** For several lists, so that their columns line up. */
export function widestTerm(items: readonly Item[]): number {
  return Math.max(0, ...items.map(({ term }) => term.length))
}

/** A text in lines of at most so many columns. */
export function wrapped(text: string, indent = '', columns = HELP_COLUMNS): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = indent
    }
    line += line.length > indent.length ? ` ${word}` : word
  }
  return [...lines, line]
}
