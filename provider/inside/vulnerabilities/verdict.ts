import type { VersionRange } from '../advisories/advisory.js'
import { isInRange } from '../advisories/in-range.js'
import type { EntryFacts } from '../database/records.js'
import type { VersionOrder } from '../versions/orders.js'

/** What an advisory means for one version. */
export type Verdict =
  | { isAffected: false }
  /** `fixedIn` is left out if no version fixes it yet. */
  | { isAffected: true; fixedIn?: string }

/**
 * Whether an advisory is about a version (OSV schema, "Evaluation"): it is one of those that are listed, or
 * in one of the ranges. The version that fixes it is the end of that range.
 */
export function verdictOn(
  version: string,
  { ranges, versions }: Pick<EntryFacts, 'ranges' | 'versions'>,
  order: VersionOrder,
): Verdict {
  const range = ranges.find((one) => isInRange(version, one, order))
  if (range) return { isAffected: true, ...fixOf(range) }
  if (!versions.some((one) => one === version || order(one, version) === 0)) return { isAffected: false }
  // It is listed in addition to the ranges: the next fix in those counts for it as well.
  const fixes = ranges.flatMap((one) => fixOf(one).fixedIn ?? []).filter((fix) => order(fix, version) > 0)
  return { isAffected: true, ...(fixes.length > 0 ? { fixedIn: least(fixes, order) } : {}) }
}

function fixOf({ end }: VersionRange): { fixedIn?: string } {
  return end?.kind === 'fixed' ? { fixedIn: end.version } : {}
}

function least(versions: string[], order: VersionOrder): string {
  return versions.reduce((one, other) => (order(other, one) < 0 ? other : one))
}
