import type { IgnoredStatement } from '../ignored/read-ignored.js'
import type { Match } from './match.js'

/** A match that a file says is to be left out. */
export interface IgnoredMatch extends Match {
  /** The file that says so. */
  ignoredBy: string
  /** Why, in its words. */
  reason: string
}

export interface Sorted {
  left: Match[]
  ignored: IgnoredMatch[]
  /** Those that have expired; they leave nothing out. */
  expired: IgnoredStatement[]
}

/**
 * Sorts matches by what is said about them.
 * @param digests of the image, for statements about a single image
 */
export function leaveOut(
  matches: readonly Match[],
  statements: readonly IgnoredStatement[],
  digests: readonly string[],
  now: Date,
): Sorted {
  const today = now.toISOString().slice(0, 10)
  const isOver = ({ until }: IgnoredStatement): boolean => until !== undefined && today > until
  const valid = statements.filter((one) => !isOver(one))
  const byId = new Map<string, IgnoredStatement[]>()
  for (const one of valid) for (const id of one.ids) byId.set(id, [...(byId.get(id) ?? []), one])
  const [left, ignored]: [Match[], IgnoredMatch[]] = [[], []]
  for (const match of matches) {
    const statement = [match.id, ...match.aliases]
      .flatMap((id) => byId.get(id) ?? [])
      .find((one) => applies(one, match, digests))
    if (statement) ignored.push({ ...match, ignoredBy: statement.file, reason: statement.reason })
    else left.push(match)
  }
  return { left, ignored, expired: statements.filter(isOver) }
}

function applies({ packages, digest }: IgnoredStatement, match: Match, digests: readonly string[]): boolean {
  if (digest !== undefined && !digests.includes(digest)) return false
  return packages === undefined || packages.some((matches) => matches(match.package))
}
