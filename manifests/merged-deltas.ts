import type { DeltaList, Digest, MissingBlob } from './index.js'
import { present } from './present.js'

/** Several lists as one; a blob that is missing twice is listed once. Undefined if there are none. */
export function mergedDeltas(lists: (DeltaList | undefined)[]): DeltaList | undefined {
  const given = lists.filter((list) => list !== undefined)
  if (given.length === 0) return undefined
  const bases = new Map(given.flatMap((list) => list.bases).map((base) => [base.id, base]))
  const missing = new Map<Digest, MissingBlob>()
  for (const blob of given.flatMap((list) => list.missing))
    missing.set(blob.digest, mergedBlob(missing.get(blob.digest), blob))
  return { deltaVersion: 1, bases: [...bases.values()], missing: [...missing.values()] }
}

/** A delta that is carried stays useful for a side that lacks the layer, even if a later base has it. */
function mergedBlob(before: MissingBlob | undefined, blob: MissingBlob): MissingBlob {
  if (!before) return blob
  const delta = blob.delta ?? before.delta
  return {
    ...blob,
    neededBy: together(before.neededBy, blob.neededBy),
    inBase: together(before.inBase, blob.inBase),
    ...present({ delta }),
  }
}

function together(some: string[], others: string[]): string[] {
  return [...new Set([...some, ...others])].sort()
}
