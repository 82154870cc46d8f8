import { type Descriptor, type Digest, type ImageIndex, isIndexType } from '../../manifests/index.js'
import { refuseDeeper } from './nesting.js'

/** Gives the documents of a walk: one that was read, or undefined for one that is not there. */
type Asking = Generator<Descriptor, Descriptor[], Pick<ImageIndex, 'manifests'> | undefined>

/**
 * What an index names, also by indexes within it: each entry once, in its order, however often indexes that name each
 * other name it (the class of the billion laughs). An index that is not there stands for itself, as does
 * anything that is not an index.
 * @param read gives an index, undefined where it is not there
 * @throws NESTING_TOO_DEEP and what `read` throws
 */
export async function entriesBelow(
  root: Descriptor,
  label: string,
  read: (index: Descriptor) => Promise<ImageIndex | undefined>,
): Promise<Descriptor[]> {
  const walk = entriesOf(root, label, 0, new Set())
  let step = walk.next()
  while (!step.done) step = walk.next(await read(step.value))
  return step.value
}

/** The same with documents that were read before. @throws NESTING_TOO_DEEP and what `read` throws */
export function knownEntriesBelow(
  root: Descriptor,
  label: string,
  read: (index: Descriptor) => ImageIndex | undefined,
): Descriptor[] {
  const walk = entriesOf(root, label, 0, new Set())
  let step = walk.next()
  while (!step.done) step = walk.next(read(step.value))
  return step.value
}

/** Asks for one index after the other, and knows nothing of where they are. */
function* entriesOf(root: Descriptor, label: string, depth: number, seen: Set<Digest>): Asking {
  if (!isIndexType(root.mediaType)) return [root]
  refuseDeeper(depth, label)
  const index = yield root
  if (!index) return [root]
  const entries: Descriptor[] = []
  for (const entry of index.manifests) {
    if (seen.has(entry.digest)) continue
    seen.add(entry.digest)
    for (const one of yield* entriesOf(entry, label, depth + 1, seen)) entries.push(one)
  }
  return entries
}
