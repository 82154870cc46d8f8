import { Refusal } from './refusal.js'

/** A part of a list, and where the rest of it is. */
export interface Page {
  items: string[]
  /** The Link header for the next page (RFC 5988), where there is one. */
  link?: string
}

/** No page is longer than this; whoever wants more follows the link. */
const LONGEST_PAGE = 10_000

/**
 * The part of a sorted list that `n` and `last` ask for (distribution-spec, "Listing Tags").
 * @param sorted in the order of code units, as Go's sort.Strings has it
 * @throws Refusal
 */
export function pageOf(sorted: readonly string[], path: string, query: URLSearchParams): Page {
  const last = query.get('last') ?? undefined
  const from = last === undefined ? 0 : firstAfter(sorted, last)
  const wanted = countIn(query.get('n'))
  const items = sorted.slice(from, from + Math.min(wanted ?? LONGEST_PAGE, LONGEST_PAGE))
  const end = items.at(-1)
  if (end === undefined || from + items.length >= sorted.length) return { items }
  const next = new URLSearchParams({ n: String(items.length), last: end })
  const namespace = query.get('ns')
  if (namespace !== null) next.set('ns', namespace)
  return { items, link: `<${path}?${next}>; rel="next"` }
}

function countIn(text: string | null): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Refusal(400, 'UNSUPPORTED', 'n is not a number.')
}

function firstAfter(sorted: readonly string[], last: string): number {
  const at = sorted.findIndex((item) => item > last)
  return at < 0 ? sorted.length : at
}
