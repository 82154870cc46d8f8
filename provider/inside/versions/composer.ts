import { compareNumbers, compareTexts } from './natural.js'

/**
 * The order of Composer's versions (getcomposer.org, "Versions and constraints"; PHP's version_compare, by which
 * composer/semver compares): any word, then dev, alpha, beta, RC, the release, and patches.
 * @returns below 0 where `a` is older
 */
export function compareComposer(a: string, b: string): number {
  const [one, other] = [piecesOf(a), piecesOf(b)]
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = comparePieces(one[at], other[at])
    if (difference !== 0) return difference
  }
  return 0
}

const RANKS: [RegExp, number][] = [
  [/^dev$/, 1],
  [/^(?:alpha|a)$/, 2],
  [/^(?:beta|b)$/, 3],
  [/^(?:rc|c)$/, 4],
  // Here stands the end of a version, and then a number.
  [/^\d+$/, 6],
  [/^(?:patch|pl|p)$/, 7],
]
const THE_END = 5

function piecesOf(version: string): string[] {
  const text = version.trim().toLowerCase().replace(/^v/, '').replace(/\+.*$/s, '')
  const pieces = text.replace(/[-_]?stable$/, '').match(/\d+|[a-z]+/g) ?? []
  // Up to four numbers are filled up with zeros.
  const first = pieces.findIndex((piece) => !/^\d/.test(piece))
  const count = first < 0 ? pieces.length : first
  const zeros = Array.from({ length: Math.max(0, 4 - count) }, () => '0')
  return [...pieces.slice(0, count), ...zeros, ...pieces.slice(count)]
}

function comparePieces(a: string | undefined, b: string | undefined): number {
  const difference = rankOf(a) - rankOf(b)
  if (difference !== 0 || a === undefined || b === undefined) return difference
  if (/^\d/.test(a)) return compareNumbers(a, b)
  return rankOf(a) === 0 ? compareTexts(a, b) : 0
}

function rankOf(piece: string | undefined): number {
  if (piece === undefined) return THE_END
  return RANKS.find(([form]) => form.test(piece))?.[1] ?? 0
}
