/** At most this many suggestions: more would be a list, not a hint. */
const MOST = 3
/** Names longer than this are not compared: the work grows with the square. */
const LONGEST = 100

/**
 * The names that a misspelt one may have meant, the nearest first: only a few letters differ, or it is part
 * of the name.
 */
export function suggest(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase()
  if (wanted.length > LONGEST) return []
  const near = new Map<string, number>()
  for (const candidate of known) {
    const rank = distanceOf(wanted, candidate.toLowerCase())
    if (rank !== undefined && !near.has(candidate)) near.set(candidate, rank)
  }
  const ranked = [...near].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
  return ranked.slice(0, MOST).map(([candidate]) => candidate)
}

function distanceOf(wanted: string, candidate: string): number | undefined {
  if (candidate.length > LONGEST) return undefined
  const allowed = Math.min(3, Math.floor(Math.max(wanted.length, candidate.length) / 3))
  const distance = editDistance(wanted, candidate)
  if (distance <= allowed) return distance
  return wanted.length >= 3 && candidate.includes(wanted) ? allowed + 1 : undefined
}

/** Letters to insert, remove, replace or swap with their neighbour to turn one text into the other. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, at(beforeLast, j - 2) + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: number[], j: number): number {
  return row[j] ?? Number.POSITIVE_INFINITY
}
