import { readFile } from 'node:fs/promises'
import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  isDigest,
  isIndexType,
  isManifestType,
  LIMITS,
  parseIndex,
  parseManifest,
} from '../../manifests/index.js'
import type { Places } from './places.js'

/**
 * Every blob that some entries need, by digest: indexes, manifests, configs, layers. A document that is not
 * there, or cannot be read, is in the result but not what it would name.
 */
export async function closureOf(places: Places, roots: Descriptor[]): Promise<Map<Digest, Descriptor>> {
  const found = new Map<Digest, Descriptor>()
  const pending = [...roots]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const known = found.has(next.digest)
    addOrigin(found, next)
    if (known) continue
    found.set(next.digest, next)
    if (found.size > LIMITS.manifestsInIndex) break
    pending.push(...(await childrenOf(places, next)))
  }
  return found
}

/** The index that a manifest was chosen from is kept for its signatures, though not what else it names. */
function addOrigin(found: Map<Digest, Descriptor>, entry: Descriptor): void {
  const origin = entry.annotations?.[ANNOTATIONS.originIndex]
  if (isDigest(origin) && !found.has(origin)) found.set(origin, { mediaType: '', digest: origin, size: 0 })
}

/** What a document of the store names directly; nothing for layers and configs. */
export async function childrenOf(places: Places, descriptor: Descriptor): Promise<Descriptor[]> {
  const { mediaType } = descriptor
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) return []
  try {
    const bytes = await readFile(places.blob(descriptor.digest))
    if (isIndexType(mediaType)) return parseIndex(bytes, mediaType).manifests
    const manifest = parseManifest(bytes, mediaType)
    return [manifest.config, ...manifest.layers]
  } catch {
    return []
  }
}
