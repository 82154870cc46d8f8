import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  digestOf,
  hasCode,
  type ImageIndex,
  indexBytes,
  isIndexType,
  LIMITS,
  type Manifest,
  MEDIA_TYPES,
  parseIndex,
  parseManifest,
  splitDigest,
} from '../../../manifests/index.js'
import type { HttpAnswer } from '../http.js'
import { ask, type Destination, ERROR_ANSWERS } from './destination.js'
import { getManifest, putManifest } from './manifests.js'

/** How often writing the list is attempted when others change it at the same time. */
const ATTEMPTS = 5

/** A manifest or index that refers to another one: a signature, an attestation. */
export interface Referrer {
  subject: Digest
  /** As it is listed: with its type and annotations (distribution-spec, "Listing Referrers"). */
  listed: Descriptor
}

/** What a document refers to; undefined if it refers to nothing. */
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
 * Makes sure that a referrer is found by its subject: a registry with the referrers API does so itself; for
 * any other the list under the tag `sha256-<hex>` is written (distribution-spec, "Pushing Manifests with
 * Subject").
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

/**
 * Whether the registry answers with a list. With any other answer (a refusal, a web page, an error) nobody
 * finds a referrer through it, and the list under the tag does no harm.
 */
async function hasReferrersApi(
  destination: Destination,
  subject: Digest,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const wish = {
    path: `referrers/${subject}`,
    subject: `referrers of ${subject}`,
    brief: true,
    wanted: ERROR_ANSWERS,
    signal,
  }
  try {
    const answer = await ask(destination, wish)
    if (answer.status === 200) return await isList(answer)
    await answer.body.discard()
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED') || !(error instanceof ContainerImageError)) throw error
  }
  return false
}

/** Also an empty answer: a list of nothing, from a registry that knows the path. */
async function isList(answer: HttpAnswer): Promise<boolean> {
  const bytes = await answer.body.bytes(
    LIMITS.indexBytes,
    () => new ContainerImageError('DOCUMENT_TOO_LARGE', 'The list of referrers is too large.'),
  )
  if (bytes.length === 0) return true
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'))
    return document !== null && typeof document === 'object' && 'manifests' in document
  } catch {
    return false
  }
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
