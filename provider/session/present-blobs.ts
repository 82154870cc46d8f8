import { type Descriptor, type Digest, shortDigest } from '../../manifests/index.js'
import { inParallel } from '../copy/in-parallel.js'
import type { CopyPlan } from '../copy/ports.js'
import { hasBlob } from '../store/ingest.js'
import type { Store } from '../store/store.js'
import type { Context } from './context.js'

/** The hashing threads are no more. */
const AT_ONCE = 4

/**
 * The blobs of a plan that a store has completely. Those it cannot vouch for are read; one with other bytes
 * than its name says is reported, and is not among them.
 * @param force everything is copied again, whatever is there: then nothing is read
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
  const whole = unknown.length > 0 ? await wholeBlobs(context, store, unknown) : new Set<Digest>()
  for (const { digest } of unknown)
    if (whole.has(digest)) present.add(digest)
    else context.note(`Blob ${digest} in ${store.places.root} is damaged, and does not count as there.`)
  return present
}

/** Reads blobs of a store, whatever is known of them, and returns those whose bytes are right. */
export async function wholeBlobs(
  context: Context,
  { places, checked }: Store,
  blobs: Descriptor[],
): Promise<Set<Digest>> {
  const { signal, onProgress } = context.options
  const whole = new Set<Digest>()
  const task = `Checking what is in ${places.root}`
  onProgress?.({ type: 'begin', task, total: blobs.reduce((sum, { size }) => sum + size, 0) })
  await inParallel(blobs, AT_ONCE, signal, async (descriptor, stop) => {
    const { digest: id, size } = descriptor
    onProgress?.({ type: 'blob', id, label: shortDigest(id), size })
    const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
    if (await checked.hash(descriptor, context.hasher, { onBytes, signal: stop })) whole.add(id)
    onProgress?.({ type: 'blob-end', id })
  })
  onProgress?.({ type: 'end', task })
  return whole
}
