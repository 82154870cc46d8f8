const SECOND = 1000
const UNITS: [name: string, milliseconds: number][] = [
  ['day', 24 * 60 * 60 * SECOND],
  ['hour', 60 * 60 * SECOND],
  ['minute', 60 * SECOND],
]

/**
 * An age in words: `3 hours old`. Whole units, rounded down, the largest that is at least one.
 * @param milliseconds less than a minute, or negative where a clock went back, is `just now`
 */
export function ageInWords(milliseconds: number): string {
  for (const [name, length] of UNITS) {
    const count = Math.floor(milliseconds / length)
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} old`
  }
  return 'just now'
}
