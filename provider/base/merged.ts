import type { DeltaList } from '../../manifests/index.js'

/** Several lists as one; a blob that is missing twice is listed once. Undefined where there are none. */
export function mergedDeltas(lists: (DeltaList | undefined)[]): DeltaList | undefined {
  const given = lists.filter((list) => list !== undefined)
  if (given.length === 0) return undefined
  const bases = new Map(given.flatMap((list) => list.bases).map((base) => [base.id, base]))
  const missing = new Map(given.flatMap((list) => list.missing).map((blob) => [blob.digest, blob]))
  return { deltaVersion: 1, bases: [...bases.values()], missing: [...missing.values()] }
}
