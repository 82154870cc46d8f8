import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  type ImageIndex,
  isIndexType,
  isManifestType,
  LIMITS,
  type Manifest,
  MEDIA_TYPES,
  parseIndex,
  parseManifest,
} from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import type { Places } from './places.js'
import type { SweptBlob } from './sweep.js'

/** A blob that is a manifest or an index. */
interface Document {
  descriptor: Descriptor
  /** What an index names. */
  children: Descriptor[]
}

/**
 * What the index of a store must have named, as far as its blobs show: every manifest and every index that no
 * other index names. An index whose images are not all here was kept for its signatures, beside the one image
 * that was chosen from it, unless it is known to have been installed itself.
 * @param blobs whose bytes are right
 * @param known digests that had names of their own
 */
export async function rootsAmong(
  places: Places,
  blobs: readonly SweptBlob[],
  known: ReadonlySet<Digest>,
): Promise<Descriptor[]> {
  const documents = new Map<Digest, Document>()
  for (const blob of blobs) {
    const document = await documentIn(places, blob)
    if (document) documents.set(blob.digest, document)
  }
  const isWhole = ({ descriptor, children }: Document): boolean =>
    known.has(descriptor.digest) || children.every(({ digest }) => documents.has(digest))
  const below = new Set<Digest>()
  const origins = new Map<Digest, Descriptor>()
  for (const document of documents.values()) {
    if (!isIndexType(document.descriptor.mediaType)) continue
    for (const { digest } of document.children)
      if (isWhole(document)) below.add(digest)
      else origins.set(digest, document.descriptor)
  }
  return [...documents.values()]
    .filter((document) => !below.has(document.descriptor.digest) || known.has(document.descriptor.digest))
    .filter((document) => isManifestType(document.descriptor.mediaType) || isWhole(document))
    .map(({ descriptor }) => ({ ...descriptor, ...originOf(origins.get(descriptor.digest)) }))
}

function originOf(index: Descriptor | undefined): Pick<Descriptor, 'annotations'> {
  if (!index) return {}
  const { digest, size } = index
  return { annotations: { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: String(size) } }
}

async function documentIn(places: Places, { digest, size }: SweptBlob): Promise<Document | undefined> {
  if (size > LIMITS.indexBytes) return undefined
  const bytes = await readDocument(places.blob(digest), LIMITS.indexBytes, 'destination')
  if (bytes[0] !== 0x7b) return undefined
  return asIndex(bytes, digest) ?? asManifest(bytes, digest)
}

function asIndex(bytes: Uint8Array, digest: Digest): Document | undefined {
  const index = attempt(() => parseIndex(bytes))
  if (!index) return undefined
  const descriptor = { mediaType: index.mediaType ?? MEDIA_TYPES.ociIndex, digest, size: bytes.length }
  return { descriptor, children: index.manifests }
}

function asManifest(bytes: Uint8Array, digest: Digest): Document | undefined {
  const manifest = attempt(() => parseManifest(bytes))
  if (!manifest) return undefined
  const { mediaType = MEDIA_TYPES.ociManifest, artifactType } = manifest
  const descriptor = { mediaType, digest, size: bytes.length, ...(artifactType ? { artifactType } : {}) }
  return { descriptor, children: [] }
}

/** Anything that does not parse is a config, a layer, or something else. */
function attempt<T extends ImageIndex | Manifest>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
