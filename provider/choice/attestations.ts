import {
  type Descriptor,
  type Digest,
  hasCode,
  isManifestType,
  type Manifest,
} from '../../manifests/index.js'
import { readIndex, readManifest } from '../copy/documents.js'
import { entriesBelow } from '../copy/index-entries.js'
import type { ImageSource } from '../copy/ports.js'

/** What a build put beside an image into its index: what it was made from, and how. */
export interface Attestation {
  /** Of its manifest. */
  digest: Digest
  /** What its statements are about, as in-toto's predicate types: `https://spdx.dev/Document`. */
  predicates: string[]
}

/** An image has one; an endless list must not be followed. */
const MOST = 50

/**
 * The manifests in an index that attest an image of it, as BuildKit writes them (moby/buildkit,
 * docs/attestations/attestation-storage.md). Those that are not here are ignored.
 * @throws INTERRUPTED
 */
export async function attestationsIn(
  source: ImageSource,
  index: Descriptor,
  image: Digest,
  signal?: AbortSignal,
): Promise<{ descriptor: Descriptor; manifest: Manifest }[]> {
  const found: { descriptor: Descriptor; manifest: Manifest }[] = []
  try {
    const entries = await entriesBelow(index, source.label, (one) => readIndex(source, one, signal))
    for (const descriptor of entries.filter((entry) => attests(entry, image)).slice(0, MOST))
      found.push({ descriptor, manifest: await readManifest(source, descriptor, signal) })
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED')) throw error
  }
  return found
}

/** For a result; nothing if there are none. */
export async function attestedBy(
  source: ImageSource,
  index: Descriptor | undefined,
  image: Digest,
  signal?: AbortSignal,
): Promise<{ attestations?: Attestation[] }> {
  const found = index ? await attestationsIn(source, index, image, signal) : []
  const attestations = found.map(({ descriptor: { digest }, manifest: { layers } }) => ({
    digest,
    predicates: layers.flatMap(({ annotations }) => annotations?.['in-toto.io/predicate-type'] ?? []),
  }))
  return attestations.length > 0 ? { attestations } : {}
}

function attests({ mediaType, annotations = {} }: Descriptor, image: Digest): boolean {
  return (
    isManifestType(mediaType) &&
    annotations['vnd.docker.reference.type'] === 'attestation-manifest' &&
    annotations['vnd.docker.reference.digest'] === image
  )
}
