import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  digestOf,
  type ImageIndex,
  indexBytes,
  isIndexType,
  type Manifest,
  MEDIA_TYPES,
  parseIndex,
  parseManifest,
  splitDigest,
} from '../../../manifests/index.js'
import { ask, type Destination } from './destination.js'
import { getManifest, putManifest } from './manifests.js'

/** How often the list is written when others change it at the same time. */
const ATTEMPTS = 5

/** A manifest or index that refers to another one: a signature, an attestation. */
export interface Referrer {
  subject: Digest
  /** As it is listed: with its type and annotations (distribution-spec, "Listing Referrers"). */
  listed: Descriptor
}

/** What a document refers to; undefined where it refers to nothing. */
export function referrerOf(descriptor: Descriptor, bytes: Uint8Array): Referrer | undefined {
  const isIndex = isIndexType(descriptor.mediaType)
  const document: Partial<Manifest> & Partial<ImageIndex> = isIndex
    ? parseIndex(bytes, descriptor.mediaType)
    : parseManifest(bytes, descriptor.mediaType)
  if (!document.subject) return undefined
  const { mediaType, digest, size } = descriptor
  const artifactType = document.artifactType ?? document.config?.mediaType
  return {
    subject: document.subject.digest,
    listed: {
      mediaType,
      digest,
      size,
      artifactType,
      annotations: document.annotations,
    },
  }
}

/**
 * Sees to it that a referrer is found by its subject: a registry with the referrers API does so itself; for any other
 * the list under the tag `sha256-<hex>` is written (distribution-spec, "Pushing Manifests with Subject").
 * @throws CHANGED_MEANWHILE where others change the list again and again
 */
export async function listReferrer(
  destination: Destination,
  { subject, listed }: Referrer,
  signal?: AbortSignal,
): Promise<void> {
  if (await hasReferrersApi(destination, subject, signal)) return
  const { algorithm, hex } = splitDigest(subject)
  const tag = `${algorithm}-${hex}`
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const index = await listUnder(destination, tag, signal)
    // Read again after it was written: another push may have written its own list over ours.
    if (index.manifests.some(({ digest }) => digest === listed.digest)) return
    const bytes = indexBytes({ ...index, manifests: [...index.manifests, listed] })
    const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(bytes), size: bytes.length }
    await putManifest(destination, descriptor, tag, bytes, signal)
  }
  throw new ContainerImageError(
    'CHANGED_MEANWHILE',
    `The list ${tag} of ${destination.repository} does not stay.`,
    {
      side: 'destination',
      expected: listed.digest,
      found: 'a list without it',
    },
  )
}

async function hasReferrersApi(
  destination: Destination,
  subject: Digest,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const answer = await ask(destination, {
    path: `referrers/${subject}`,
    subject: `referrers of ${subject}`,
    wanted: [400, 404, 405, 501],
    signal,
  })
  await answer.body.discard()
  return answer.status === 200
}

async function listUnder(
  destination: Destination,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<ImageIndex> {
  const found = await getManifest(destination, tag, signal)
  if (found && isIndexType(found.descriptor.mediaType))
    return parseIndex(found.bytes, found.descriptor.mediaType)
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }
}
