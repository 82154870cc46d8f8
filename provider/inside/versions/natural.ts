/** The order of versions that follow no rule: numbers by their value, and everything else as text. */
export function compareNatural(a: string, b: string): number {
  const [one, other] = [piecesOf(a), piecesOf(b)]
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [mine, others] = [one[at], other[at]]
    if (mine === undefined) return -1
    if (others === undefined) return 1
    const difference = comparePieces(mine, others)
    if (difference !== 0) return difference
  }
  return 0
}

function piecesOf(version: string): string[] {
  return version.toLowerCase().match(/\d+|[a-z]+/g) ?? []
}

function comparePieces(a: string, b: string): number {
  const areNumbers = [a, b].map((piece) => /^\d/.test(piece))
  if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] ? 1 : -1
  return areNumbers[0] ? compareNumbers(a, b) : compareTexts(a, b)
}

/** Numbers of any length, written in digits. */
export function compareNumbers(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return one.length - other.length || compareTexts(one, other)
}

export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
