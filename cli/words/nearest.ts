/** The words that may have been meant by a misspelt one, nearest first; none if all are too different. */
function nearest(word: string, candidates: Iterable<string>): string[] {
  const wanted = word.toLowerCase()
  const ranked: { candidate: string; distance: number }[] = []
  for (const candidate of new Set(candidates)) {
    const distance = candidate.startsWith(wanted) && wanted.length > 1 ? 0 : lettersApart(wanted, candidate)
    if (distance <= Math.max(1, Math.floor(candidate.length / 3))) ranked.push({ candidate, distance })
  }
  ranked.sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
  return ranked.slice(0, 3).map((one) => one.candidate)
}

/** ` Did you mean x or y?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates)
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
}

/** Letters to insert, remove, replace or swap with a neighbour: optimal string alignment distance. */
function lettersApart(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= from.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const options = [cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + (same ? 0 : 1)]
      if (swapped) options.push(cell(i - 2, j - 2) + 1)
      rows[i]?.push(Math.min(...options))
    }
  }
  return cell(from.length, to.length)
}
