import { createHash } from 'node:crypto'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  hasCode,
  isDigest,
  isIndexType,
  isManifestType,
  LIMITS,
  parseIndex,
  parseManifest,
  splitDigest,
} from '../../manifests/index.js'
import { documentThere, readDocument } from '../io/files/read-document.js'
import type { Places } from './places.js'

/**
 * Every blob that some entries need, by digest: indexes, manifests, configs, layers. A document that is
 * missing or invalid is in the result, but not what it would name.
 * @param known what already read documents name
 * @throws the system's errors as ours: what cannot be read now may still be needed
 */
export async function closureOf(
  places: Places,
  roots: readonly Descriptor[],
  known: ReadonlyMap<Digest, readonly Descriptor[]> = new Map(),
): Promise<Map<Digest, Descriptor>> {
  const found = new Map<Digest, Descriptor>()
  const pending = [...roots]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const isFound = found.has(next.digest)
    addOrigin(found, next)
    if (isFound) continue
    found.set(next.digest, next)
    pending.push(...(known.get(next.digest) ?? (await childrenOf(places, next))))
  }
  return found
}

/** The index that a manifest was chosen from is kept for its signatures, but not what else it names. */
function addOrigin(found: Map<Digest, Descriptor>, entry: Descriptor): void {
  const origin = entry.annotations?.[ANNOTATIONS.originIndex]
  const size = Number(entry.annotations?.[ANNOTATIONS.originIndexSize] ?? 0)
  if (isDigest(origin) && !found.has(origin)) found.set(origin, { mediaType: '', digest: origin, size })
}

/**
 * Those among some entries, and what they name, whose documents are damaged or, for an entry itself, missing:
 * nobody knows what else they need.
 * @param all what `closureOf` has found for the entries
 */
export async function damagedDocuments(
  places: Places,
  roots: readonly Descriptor[],
  all: Iterable<Descriptor>,
): Promise<Descriptor[]> {
  const entries = new Set(roots.map(({ digest }) => digest))
  const damaged: Descriptor[] = []
  for (const descriptor of all) {
    const { digest, mediaType } = descriptor
    if (!isIndexType(mediaType) && !isManifestType(mediaType)) continue
    const bytes = await documentThere(places.blob(digest), LIMITS.indexBytes, 'destination')
    if (bytes ? !isOf(bytes, descriptor) : entries.has(digest)) damaged.push(descriptor)
  }
  return damaged
}

function isOf(bytes: Uint8Array, { digest }: Descriptor): boolean {
  const { algorithm, hex } = splitDigest(digest)
  return createHash(algorithm).update(bytes).digest('hex') === hex
}

/** What a document of the store names directly; nothing for layers and configs. */
async function childrenOf(places: Places, descriptor: Descriptor): Promise<Descriptor[]> {
  const { mediaType } = descriptor
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) return []
  const limit = isIndexType(mediaType) ? LIMITS.indexBytes : LIMITS.manifestBytes
  try {
    const bytes = await readDocument(places.blob(descriptor.digest), limit, 'destination')
    if (isIndexType(mediaType)) return parseIndex(bytes, mediaType).manifests
    const manifest = parseManifest(bytes, mediaType)
    return [manifest.config, ...manifest.layers]
  } catch (error) {
    if (isUnreadable(error)) throw error
    return []
  }
}

/** Something that may be intact but cannot be read. */
function isUnreadable(error: unknown): boolean {
  return (
    !(error instanceof ContainerImageError) ||
    hasCode(error, 'PERMISSION_DENIED', 'CANNOT_MAKE', 'NOT_A_FILE')
  )
}
