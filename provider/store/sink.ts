import { stat } from 'node:fs/promises'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatLocalName,
  type LocalName,
} from '../../manifests/index.js'
import type { Lock } from '../files/lock.js'
import { checkSpace } from '../files/space.js'
import type { Hasher } from '../hashing/hasher.js'
import type { Content, CopyPlan, ImageSink, PlannedImage } from '../ports.js'
import { isBadInput } from '../verified/bad-input.js'
import { announceArrival } from './arrivals.js'
import { closureOf } from './closure.js'
import { withEntry } from './entries.js'
import { changeEntries } from './index-file.js'
import { hasBlob, ingest } from './ingest.js'
import { makeStore, type Store } from './store.js'
import { takeBack } from './sweep.js'

/** A tag that named something else before. */
export interface MovedTag {
  tag: string
  from: Descriptor
}

export interface StoreSink extends ImageSink {
  /** Filled while names are given. */
  readonly moved: MovedTag[]
}

export interface StoreSinkOptions {
  /** Bring blobs again that are there: one of them may be damaged. */
  again?: boolean
  /** Blobs that came for this run already, on another way, or that its source does not carry: not brought again. */
  fresh?: ReadonlySet<Digest>
}

/** The store as the end of a copy. Blobs come first, each for itself; the names come last, in one step. */
export function storeSink(
  store: Store,
  hasher: Hasher,
  { again = false, fresh = new Set() }: StoreSinkOptions = {},
): StoreSink {
  const { places } = store
  const moved: MovedTag[] = []
  let planned = new Set<Digest>()
  let arrival: Lock | undefined
  /** Blobs that this copy has written, wholly; and those of them that were not there before. */
  const written = new Set<Digest>(fresh)
  const added = new Set<Digest>()
  return {
    label: places.root,
    moved,
    async begin(plan: CopyPlan) {
      planned = new Set(plan.contents.map((descriptor) => descriptor.digest))
      await checkSpace(places.root, await bytesMissing(store, plan))
      await makeStore(places)
      arrival = await announceArrival(places)
    },
    async has(descriptor) {
      return (!again || written.has(descriptor.digest)) && (await hasBlob(places, descriptor))
    },
    async write(content: Content) {
      const { descriptor } = content
      if (!(await hasBlob(places, descriptor))) added.add(descriptor.digest)
      await ingest(places, content, hasher, { again })
      written.add(descriptor.digest)
    },
    async tag(image: PlannedImage) {
      await changeEntries(places, async (entries) => {
        await checkComplete(store, image, planned)
        let changed = entries
        for (const entry of entriesFor(image)) {
          noteMove(changed, entry, moved)
          changed = withEntry(changed, entry)
        }
        return changed
      })
    },
    async commit() {
      await arrival?.release()
    },
    async abort(error) {
      // What led here is what the user has to know of, whatever else goes wrong.
      if (isBadInput(error)) await takeBack(places, added).catch(() => {})
      await arrival?.release()
    },
  }
}

async function bytesMissing(store: Store, plan: CopyPlan): Promise<number> {
  let missing = 0
  for (const descriptor of plan.contents) {
    if (await hasBlob(store.places, descriptor)) continue
    const begun = await stat(store.places.ingest(descriptor.digest)).catch(() => undefined)
    missing += Math.max(0, descriptor.size - (begun?.size ?? 0))
  }
  return missing
}

/**
 * Another process may have pruned blobs that came a moment ago and had no name yet.
 * @throws CHANGED_MEANWHILE, upon which the copy brings them again
 */
async function checkComplete(store: Store, image: PlannedImage, planned: Set<Digest>): Promise<void> {
  for (const descriptor of (await closureOf(store.places, [image.root])).values())
    if (planned.has(descriptor.digest) && !(await hasBlob(store.places, descriptor)))
      throw new ContainerImageError('CHANGED_MEANWHILE', `Blob ${descriptor.digest} was removed meanwhile.`, {
        side: 'destination',
        expected: `${descriptor.size} bytes`,
        found: 'nothing',
        details: { digest: descriptor.digest },
      })
}

function entriesFor(image: PlannedImage): Descriptor[] {
  const names: (LocalName | undefined)[] = image.names.length > 0 ? image.names : [undefined]
  return names.map((name) => ({
    mediaType: image.root.mediaType,
    digest: image.root.digest,
    size: image.root.size,
    ...(image.root.artifactType ? { artifactType: image.root.artifactType } : {}),
    ...(image.platform && image.root.platform ? { platform: image.root.platform } : {}),
    annotations: { ...image.annotations, ...(name ? { [ANNOTATIONS.refName]: formatLocalName(name) } : {}) },
  }))
}

function noteMove(entries: Descriptor[], entry: Descriptor, moved: MovedTag[]): void {
  const tag = entry.annotations?.[ANNOTATIONS.refName]
  if (tag === undefined) return
  const before = entries.find((other) => other.annotations?.[ANNOTATIONS.refName] === tag)
  if (before && before.digest !== entry.digest) moved.push({ tag, from: before })
}
