import {
  type ArtifactKind,
  artifactOf,
  artifactOfType,
  type Descriptor,
  type Digest,
  hasCode,
  isIndexType,
  isManifestType,
} from '../../manifests/index.js'
import { readIndex, readManifest } from './documents.js'
import type { ImageSource } from './ports.js'

/** Something that is not an image, and what it says it is about. */
export interface FoundArtifact extends ArtifactKind {
  subject?: Digest
}

/** What has been read from an open source: several steps of a run ask for the same manifests. */
const KNOWN = new WeakMap<ImageSource, Map<string, FoundArtifact | undefined>>()

/**
 * What a descriptor stands for if it is not an image; undefined for an image. The documents behind it decide, never what
 * the descriptor says of itself.
 * @throws INVALID_DOCUMENT, BLOB_MISSING and whatever reading a document throws
 */
export async function artifactAt(
  source: ImageSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<FoundArtifact | undefined> {
  const known = KNOWN.get(source) ?? new Map<string, FoundArtifact | undefined>()
  KNOWN.set(source, known)
  // Two descriptors may disagree on whether the same bytes are an index or a manifest.
  const { mediaType, digest, size } = descriptor
  const key = `${mediaType} ${digest} ${size}`
  if (known.has(key)) return known.get(key)
  const found = await readArtifact(source, descriptor, signal)
  known.set(key, found)
  return found
}

async function readArtifact(
  source: ImageSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<FoundArtifact | undefined> {
  if (isIndexType(descriptor.mediaType)) return await artifactIndex(source, descriptor, signal)
  if (!isManifestType(descriptor.mediaType)) return artifactOfType(descriptor.mediaType)
  const manifest = await readManifest(source, descriptor, signal)
  const artifact = artifactOf(manifest)
  return artifact && { ...artifact, subject: manifest.subject?.digest }
}

/** An index is one of artifacts where it has none but artifacts, such as the list that takes the place of referrers. */
async function artifactIndex(
  source: ImageSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<FoundArtifact | undefined> {
  const index = await readIndex(source, descriptor, signal)
  if (index.manifests.length === 0 || index.manifests.some(mayBeImage)) return undefined
  const found: ArtifactKind[] = []
  for (const child of index.manifests) {
    const artifact = await artifactThere(source, child, signal)
    if (!artifact) return undefined
    found.push(artifact)
  }
  const said = index.artifactType ?? index.manifests[0]?.artifactType
  const { kind = '', artifactType = '' } = said === undefined ? (found[0] ?? {}) : artifactOfType(said)
  return { kind, artifactType, subject: index.subject?.digest }
}

/** If it is not here, nobody knows whether it is one. */
async function artifactThere(
  source: ImageSource,
  child: Descriptor,
  signal?: AbortSignal,
): Promise<ArtifactKind | undefined> {
  try {
    return await artifactAt(source, child, signal)
  } catch (error) {
    if (hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) return undefined
    throw error
  }
}

/** Images of an index have a platform, or an index of their own; only entries with neither are opened. */
function mayBeImage({ platform, mediaType }: Descriptor): boolean {
  return isIndexType(mediaType) || (platform !== undefined && platform.os !== 'unknown')
}
