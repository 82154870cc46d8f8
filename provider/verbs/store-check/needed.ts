import {
  blobPath,
  ContainerImageError,
  type Descriptor,
  type Digest,
  hasCode,
  isIndexType,
  isManifestType,
} from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import { originIndexOf } from '../../choice/origin-index.js'
import { readIndex, readManifest } from '../../copy/documents.js'
import type { ImageSource } from '../../copy/ports.js'
import { refNameOf } from '../../store/entries.js'
import type { Places } from '../../store/places.js'

/** A blob that entries of the store need. */
export interface NeededBlob {
  descriptor: Descriptor
  /** The entries themselves. */
  by: Set<Descriptor>
}

/**
 * Every blob that entries need, as far as their documents are readable and right: nobody knows what a damaged
 * one names.
 */
export async function neededBlobs(
  places: Places,
  entries: readonly Descriptor[],
  signal?: AbortSignal,
): Promise<Map<Digest, NeededBlob>> {
  const source = documentsOf(places)
  const needed = new Map<Digest, NeededBlob>()
  const add = (descriptor: Descriptor, entry: Descriptor): void => {
    const known = needed.get(descriptor.digest)
    if (known) known.by.add(entry)
    else needed.set(descriptor.digest, { descriptor, by: new Set([entry]) })
  }
  const walked = new Map<Digest, Descriptor[]>()
  for (const entry of entries) {
    const below = walked.get(entry.digest) ?? (await allBelow(source, entry, signal))
    walked.set(entry.digest, below)
    for (const descriptor of below) add(descriptor, entry)
    // Kept for its signatures if it is there, and not missed if it is not.
    const origin = originIndexOf(entry.annotations ?? {})
    if (origin && origin.size > 0 && (await source.holds?.(origin))) add(origin, entry)
  }
  return needed
}

async function allBelow(
  source: ImageSource,
  entry: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Descriptor[]> {
  const found = new Map<Digest, Descriptor>()
  const pending = [entry]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (found.has(next.digest)) continue
    found.set(next.digest, next)
    pending.push(...(await childrenOf(source, next, signal)))
  }
  return [...found.values()]
}

/** Nothing for a document that is incomplete, or not a document. */
async function childrenOf(
  source: ImageSource,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Descriptor[]> {
  try {
    if (isIndexType(descriptor.mediaType)) return (await readIndex(source, descriptor, signal)).manifests
    if (!isManifestType(descriptor.mediaType)) return []
    const { config, layers } = await readManifest(source, descriptor, signal)
    return [config, ...layers]
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED', 'PERMISSION_DENIED')) throw error
    return []
  }
}

/** What an entry is called in a report. */
export function calledOf(entry: Descriptor): string {
  return refNameOf(entry) ?? entry.digest
}

/** The documents of a store, whether its index can be read or not. All that an index of its names was once there. */
function documentsOf({ root }: Places): ImageSource {
  const members = folderMembers(root)
  return {
    label: root,
    concurrency: 4,
    async resolve(name) {
      throw new ContainerImageError('NOT_FOUND', `${root} is asked only for digests, not for ${name}.`)
    },
    read: ({ digest }, options = {}) => members.read(blobPath(digest), options),
    holds: async ({ digest }) => (await members.find(blobPath(digest))) !== undefined,
    close: () => members.close(),
  }
}
