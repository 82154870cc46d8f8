import { type Descriptor, type Digest, shortDigest } from '../../manifests/index.js'
import { inParallel } from '../copy/in-parallel.js'
import type { CopyPlan } from '../copy/ports.js'
import { hasBlob } from '../store/ingest.js'
import type { Store } from '../store/store.js'
import type { Context } from './context.js'

/** The hashing threads are no more. */
const AT_ONCE = 4

/**
 * The blobs of a plan that a store has, wholly. What it cannot vouch for is read; one that has other bytes than its
 * name says is told, and is not among them.
 * @param force everything is brought again, whatever is there: then nothing is read
 */
export async function presentBlobs(
  context: Context,
  store: Store,
  plan: CopyPlan,
  force = false,
): Promise<Set<Digest>> {
  const present = new Set<Digest>()
  const unknown: Descriptor[] = []
  for (const descriptor of plan.contents) {
    const isThere = force ? await hasBlob(store.places, descriptor) : await store.checked.known(descriptor)
    if (isThere) present.add(descriptor.digest)
    if (isThere === undefined) unknown.push(descriptor)
  }
  if (unknown.length > 0) await readAll(context, store, unknown, present)
  return present
}

async function readAll(
  context: Context,
  { places, checked }: Store,
  unknown: Descriptor[],
  present: Set<Digest>,
): Promise<void> {
  const { signal, onProgress } = context.options
  const task = `Checking what is in ${places.root}`
  onProgress?.({ type: 'begin', task, total: unknown.reduce((sum, { size }) => sum + size, 0) })
  await inParallel(unknown, AT_ONCE, signal, async (descriptor, stop) => {
    const { digest: id, size } = descriptor
    onProgress?.({ type: 'blob', id, label: shortDigest(id), size })
    const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
    if (await checked.hash(descriptor, context.hasher, { onBytes, signal: stop })) present.add(id)
    else context.note(`Blob ${id} in ${places.root} is damaged, and does not count as there.`)
    onProgress?.({ type: 'blob-end', id })
  })
  onProgress?.({ type: 'end', task })
}
