import { createHash } from 'node:crypto'
import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  digestOf,
  isDigest,
  isIndexType,
  isManifestType,
  LIMITS,
  MEDIA_TYPES,
  parseObject,
  show,
  splitDigest,
} from '../../manifests/index.js'
import { bodyLength, type HttpAnswer, header } from './http.js'
import { isForPeople, pageForPeople } from './page-for-people.js'

/** A manifest or an index as a registry sent it, with the descriptor of exactly these bytes. */
export interface ReceivedManifest {
  descriptor: Descriptor
  bytes: Uint8Array
}

/**
 * Reads the answer to a request for a manifest. The descriptor is computed from the bytes that came; what
 * the registry says about them only has to agree.
 * @param wanted the digest that was asked for, unless it was a tag
 * @throws DOCUMENT_TOO_LARGE, DIGEST_MISMATCH, INVALID_DOCUMENT, REGISTRY_ERROR
 */
export async function receiveManifest(
  answer: HttpAnswer,
  subject: string,
  wanted?: Digest,
): Promise<ReceivedManifest> {
  const bytes = await readLimited(answer, subject)
  if (isForPeople(answer, bytes)) throw pageForPeople(answer, subject, 'a manifest')
  const declared = declaredDigest(answer)
  if (declared) checkDigest(bytes, declared, subject, answer)
  if (wanted) checkDigest(bytes, wanted, subject, answer)
  const mediaType = mediaTypeOf(answer, bytes, subject)
  if (isManifestType(mediaType) && bytes.length > LIMITS.manifestBytes)
    throw tooLarge(subject, LIMITS.manifestBytes, bytes.length)
  return { descriptor: { mediaType, digest: wanted ?? digestOf(bytes), size: bytes.length }, bytes }
}

/**
 * The same for a manifest that is on this machine.
 * @throws INVALID_DOCUMENT
 */
export function manifestHere(bytes: Uint8Array, subject: string, digest: Digest): ReceivedManifest {
  const mediaType = documentType(bytes, subject, '')
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
}

async function readLimited(answer: HttpAnswer, subject: string): Promise<Buffer> {
  const limit = isIndexType(contentType(answer)) ? LIMITS.indexBytes : LIMITS.manifestBytes
  const announced = bodyLength(answer)
  if (announced !== undefined && announced > limit) {
    answer.body.cancel()
    throw tooLarge(subject, limit, announced)
  }
  return answer.body.bytes(limit, (found) => tooLarge(subject, limit, found))
}

function contentType(answer: HttpAnswer): string {
  return (header(answer, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** distribution-spec, "Pulling manifests": Docker-Content-Digest, if present, is the body's. */
function declaredDigest(answer: HttpAnswer): Digest | undefined {
  const value = header(answer, 'docker-content-digest')
  if (value === undefined || isDigest(value)) return value
  throw new ContainerImageError('REGISTRY_ERROR', `${answer.url.host} gives no digest for a manifest.`, {
    side: 'source',
    expected: 'a digest in Docker-Content-Digest',
    found: show(value),
  })
}

function checkDigest(bytes: Uint8Array, expected: Digest, subject: string, answer: HttpAnswer): void {
  const { algorithm } = splitDigest(expected)
  const found = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
  if (found === expected) return
  throw new ContainerImageError('DIGEST_MISMATCH', `The manifest that came for ${subject} is another one.`, {
    side: 'source',
    expected,
    found,
    details: { digest: expected, host: answer.url.host },
  })
}

/**
 * The media type according to Content-Type, or to the document itself if the server does not know it (plain file
 * servers say text or application/json).
 */
function mediaTypeOf(answer: HttpAnswer, bytes: Uint8Array, subject: string): string {
  const said = contentType(answer)
  return isIndexType(said) || isManifestType(said) ? said : documentType(bytes, subject, said)
}

/** @throws INVALID_DOCUMENT for what is neither a manifest nor an index */
function documentType(bytes: Uint8Array, subject: string, said: string): string {
  const document = parseObject(bytes, `manifest of ${subject}`, LIMITS.indexBytes)
  if (isOldSchema(said, document)) throw oldSchema(subject)
  if (typeof document.mediaType === 'string') {
    if (isIndexType(document.mediaType) || isManifestType(document.mediaType)) return document.mediaType
  } else if (Array.isArray(document.manifests)) return MEDIA_TYPES.ociIndex
  else if (Array.isArray(document.layers)) return MEDIA_TYPES.ociManifest
  throw new ContainerImageError(
    'INVALID_DOCUMENT',
    `What came for ${subject} is neither a manifest nor an index.`,
    {
      side: 'source',
      expected: 'a manifest or an index of OCI or of docker (schema 2)',
      found: show(document.mediaType ?? said),
    },
  )
}

function isOldSchema(said: string, document: Record<string, unknown>): boolean {
  return (
    said === MEDIA_TYPES.dockerManifestV1 ||
    said === MEDIA_TYPES.dockerManifestV1Signed ||
    document.schemaVersion === 1
  )
}

function oldSchema(subject: string): ContainerImageError {
  return new ContainerImageError('INVALID_DOCUMENT', `${subject} has a manifest of docker's schema 1 only.`, {
    side: 'source',
    expected: 'a manifest of OCI or of docker schema 2',
    found: 'schema 1, which has no checkable config and was given up in 2019',
    remedy: 'Ask for a newer tag, or have the image pushed again with a current tool.',
  })
}

function tooLarge(subject: string, limit: number, found: number): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `The manifest of ${subject} is too large.`, {
    side: 'source',
    expected: `at most ${limit} bytes`,
    found: `${found} bytes`,
  })
}
