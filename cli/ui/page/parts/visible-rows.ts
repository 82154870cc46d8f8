/** Extra rows above and below the visible ones, so that scrolling quickly does not show a blank area. */
const SPARE = 8

export interface VisibleRows {
  /** The number of the first row that is drawn. */
  first: number
  /** The number after that of the last one. */
  end: number
}

/** Which of many rows of the same height are drawn. */
export function visibleRows(count: number, rowHeight: number, top: number, height: number): VisibleRows {
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE)
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE)
  return { first: Math.min(first, end), end }
}
