import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  impossible,
  type MissingBlob,
  shortDigest,
  splitDigest,
} from '../../manifests/index.js'
import { checkLayerFile } from '../archives/layers/check-layer.js'
import type { ExpectedLayer } from '../copy/expected-layer.js'
import { layersOfPlan } from '../copy/image-layers.js'
import type { CopyPlan, ImageSource } from '../copy/ports.js'
import { verified } from '../copy/verified.js'
import { verifiedRange } from '../copy/verified-range.js'
import type { FileRange } from '../io/bytes.js'
import { closeAll, closedAfter } from '../io/closing/closing.js'
import { makeScratch, type Scratch } from '../io/files/scratch.js'
import { writeNewFile } from '../io/files/write-new-file.js'
import { telling } from '../io/telling.js'
import type { Context } from '../session/context.js'
import { announceArrival } from '../store/arrivals.js'
import { ingest } from '../store/ingest.js'
import { makeStore, type Store } from '../store/store.js'
import { takeBack } from '../store/sweep.js'
import { scratchOf } from '../targets/open-options.js'
import { deltaDescriptor } from './base/leave-out.js'

/** Layers that were made from deltas: no process removes them before they have a name. */
export interface JoinedLayers {
  /** The size of the deltas, in bytes. */
  bytes: number
  /** Ends the protection; after an error, what was made is removed again. */
  release(failed: boolean): Promise<void>
}

export interface JoinOptions {
  /** What no source of the same copy carries completely. */
  left: ReadonlySet<Digest>
  /** Whether the store has a blob, so that it need not be made. */
  isThere(descriptor: Descriptor): Promise<boolean>
  /** Make the layer in place of an existing one that is damaged. */
  again: boolean
}

/**
 * Makes those layers of a plan that came as deltas, from layers of the store, and brings them into it.
 * @throws DELTA_INVALID, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, NO_SPACE; nothing of them is left then
 */
export async function joinLayers(
  context: Context,
  source: ImageSource,
  plan: CopyPlan,
  options: JoinOptions,
): Promise<JoinedLayers | undefined> {
  const store = await context.store()
  const wanted = await deltasOf(source, plan, options)
  if (wanted.length === 0) return undefined
  await makeStore(store.places)
  const arrival = await announceArrival(store.places)
  const scratch = await makeScratch(scratchOf(context))
  const layers = layersOfPlan(plan)
  const made = new Set<Digest>()
  const release = (failed: boolean): Promise<void> =>
    closeAll([
      scratch.remove,
      () => (failed ? takeBack(store.places, made).catch(() => {}) : undefined),
      () => arrival.release(),
    ])
  try {
    for (const blob of wanted) {
      made.add(blob.digest)
      const how = { scratch, again: options.again, expected: layers.of(blob) }
      await joinOne(context, store, source, blob, how)
    }
  } catch (error) {
    throw await closedAfter(error, () => release(true))
  }
  return { bytes: wanted.reduce((sum, { delta }) => sum + (delta?.size ?? 0), 0), release }
}

async function deltasOf(
  source: ImageSource,
  plan: CopyPlan,
  { left, isThere }: JoinOptions,
): Promise<MissingBlob[]> {
  const listed = new Map(source.delta?.missing.map((blob) => [blob.digest, blob]))
  const wanted: MissingBlob[] = []
  for (const descriptor of plan.contents) {
    const blob = listed.get(descriptor.digest)
    if (blob?.delta && left.has(blob.digest) && !(await isThere(descriptor))) wanted.push(blob)
  }
  return wanted
}

async function joinOne(
  context: Context,
  store: Store,
  source: ImageSource,
  blob: MissingBlob,
  { scratch, again, expected }: { scratch: Scratch; again: boolean; expected: ExpectedLayer | undefined },
): Promise<void> {
  const { delta, digest, size } = blob
  if (!delta) return
  const { joinDelta, readDeltaHead } = await import('./blocks/index.js')
  const { signal, onProgress } = context.options
  const range = await verifiedDelta(context, source, deltaDescriptor(delta), scratch)
  const bases = delta.needs.map((need) => ({
    digest: need.digest,
    diffId: need.diffId,
    range: { path: store.places.blob(need.digest), offset: 0, size: need.size },
  }))
  const label = shortDigest(digest)
  const { streamSize } = (await readDeltaHead(range)).delta
  const told = {
    task: `Putting layer ${label} together`,
    id: digest,
    label,
    size: streamSize,
    kind: 'verified' as const,
  }
  const joined = await telling(onProgress, told, (onBytes) =>
    joinDelta(range, bases, { scratch: scratch.path, onBytes, signal }),
  )
  const { exact, layer, diffId } = joined.delta
  const made = exact ? layer.digest : diffId
  if (made !== digest) throw otherLayer(source, blob, made)
  if (expected) await checkLayerFile(joined.file, { ...expected, digest, label: `Layer ${digest}`, signal })
  const content = {
    descriptor: { mediaType: '', digest, size },
    range: { ...joined.file, mayTake: true, isVerified: true },
    open: () => {
      impossible('A layer that lies in a file is read there.')
    },
    signal,
  }
  await ingest(store, content, context.hasher, { again })
}

/** Hashed before any of it is trusted: in place, or in a file of ours. */
async function verifiedDelta(
  context: Context,
  source: ImageSource,
  descriptor: Descriptor,
  scratch: Scratch,
): Promise<FileRange> {
  const { signal } = context.options
  const range = await source.locate?.(descriptor)
  if (!range) {
    const path = `${scratch.path}/${splitDigest(descriptor.digest).hex}`
    await writeNewFile(path, verified(source.read(descriptor, { signal }), descriptor, { signal }))
    return { path, offset: 0, size: descriptor.size }
  }
  await verifiedRange(context.hasher, range, descriptor, { label: source.label, signal })
  return range
}

function otherLayer({ label }: ImageSource, { digest }: MissingBlob, found: Digest): ContainerImageError {
  return new ContainerImageError(
    'DELTA_INVALID',
    `${label}: a delta gives another layer than its list says.`,
    {
      side: 'source',
      expected: digest,
      found,
    },
  )
}
