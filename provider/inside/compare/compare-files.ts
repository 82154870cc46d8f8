import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../../manifests/index.js'
import type { OnProgress } from '../../io/progress.js'
import type { OpenImage } from '../image/open-image.js'
import { contentDigests } from '../tree/content-digests.js'
import type { TreeEntry } from '../tree/entry.js'
import type { MergedTree } from '../tree/merged-tree.js'
import { type Difference, differencesOf } from './entry-differences.js'
import { comparePaths, pairs } from './path-order.js'

/** An image with its files. */
export interface Side {
  image: OpenImage
  tree: MergedTree
}

/** A name under which two images differ. */
export interface FileDifference {
  path: string
  first: TreeEntry | undefined
  second: TreeEntry | undefined
  /** How they differ; empty if only one of them has it. */
  what: Difference[]
}

export interface CompareFilesOptions {
  /** Whether different times alone count; default: no. */
  times?: boolean | undefined
  signal?: AbortSignal | undefined
  onProgress?: OnProgress | undefined
}

/** Others get their turn after this many entries. */
const TURN = 4096

/**
 * The files that differ between two images, in the order of their paths. For files of the same size in
 * different places the bytes decide: each layer that has any of them is read once.
 * @throws as `passLayer`
 */
export async function compareFiles(
  first: Side,
  second: Side,
  { times = false, signal, onProgress }: CompareFilesOptions = {},
): Promise<FileDifference[]> {
  const found = new Map<string, FileDifference>()
  const doubtful = new Map<string, FileDifference>()
  let seen = 0
  for (const { path, a, b } of pairs(first.tree.entries(), second.tree.entries())) {
    const one = { path, first: a, second: b, what: a && b ? differences(a, b, times) : [] }
    if (!a || !b || one.what.length > 0) found.set(path, one)
    if (a && b && mayDiffer(first, second, a, b)) doubtful.set(path, one)
    if (++seen % TURN !== 0) continue
    throwIfAborted(signal)
    await setImmediate()
  }
  const options = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) }
  if (doubtful.size > 0) {
    const before = await contentDigests(first.image, first.tree, doubtful.keys(), options)
    const after = await contentDigests(second.image, second.tree, doubtful.keys(), options)
    for (const [path, one] of doubtful) {
      if (before.get(path) === after.get(path)) continue
      one.what.unshift('content')
      found.set(path, one)
    }
  }
  return [...found.values()].sort((a, b) => comparePaths(a.path, b.path))
}

function differences(a: TreeEntry, b: TreeEntry, times: boolean): Difference[] {
  const found = differencesOf(a, b).filter((one) => times || one !== 'time')
  return a.kind === b.kind && a.sameAs !== b.sameAs ? [...found, 'links'] : found
}

/** Whether the bytes of two files have to be read: not if they are the same place in the same layer. */
function mayDiffer(first: Side, second: Side, a: TreeEntry, b: TreeEntry): boolean {
  if (a.kind !== 'file' || b.kind !== 'file' || a.size !== b.size || a.size === 0) return false
  const [here, there] = [first.tree.place(a.path), second.tree.place(b.path)]
  if (!here || !there) return false
  const layers = [first.image.layers[here.layer]?.digest, second.image.layers[there.layer]?.digest]
  return layers[0] !== layers[1] || here.offset !== there.offset
}
