/** Rows above and below what is seen, so that a quick scroll does not show emptiness. */
const SPARE = 8

export interface VisibleRows {
  /** Of the first row that is drawn. */
  first: number
  /** Behind the last one. */
  end: number
}

/** Which of many rows of one height are drawn. */
export function visibleRows(count: number, rowHeight: number, top: number, height: number): VisibleRows {
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE)
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE)
  return { first: Math.min(first, end), end }
}
