import { impossible } from '../../../manifests/index.js'

/**
 * An order of versions of one form, for all texts: a text that is not a version comes right after the version formed by
 * its first numbers, up to three with dots between them, and is compared with others of its kind by `compareNatural`.
 * If only the pairs with such a text were compared differently, three texts could each be older than the next.
 * @param parsed gives undefined if a text is not a version; accepts any three numbers of up to 15 digits
 */
export function orderOfAll<Version>(
  parsed: (text: string) => Version | undefined,
  compare: (a: Version, b: Version) => number,
): (a: string, b: string) => number {
  const nearest = (text: string): Version => {
    const [, major, minor, patch] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? []
    const numbers = [major, minor, patch].map(bounded).join('.')
    return parsed(numbers) ?? impossible(`${numbers} is no version.`)
  }
  return (a, b) => {
    const [one, other] = [parsed(a), parsed(b)]
    const difference = compare(one ?? nearest(a), other ?? nearest(b))
    if (difference !== 0 || (one && other)) return difference
    if (one || other) return one ? -1 : 1
    return compareNatural(a, b)
  }
}

/** No semantic version has numbers above 2^53. */
const LARGEST = '999999999999999'

function bounded(digits = '0'): string {
  const number = digits.replace(/^0+(?=\d)/, '')
  return number.length > LARGEST.length ? LARGEST : number
}

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
