import { ContainerImageError, type Descriptor } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'
import type { ImageSource } from './ports.js'
import { verified } from './verified.js'

/**
 * A document, whole, in memory, and verified.
 * @param limit in bytes; a document that says it is larger is not even read
 * @throws DOCUMENT_TOO_LARGE, DIGEST_MISMATCH, SIZE_MISMATCH and what the source throws
 */
export async function readVerified(
  source: ImageSource,
  descriptor: Descriptor,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (descriptor.size > limit)
    throw new ContainerImageError(
      'DOCUMENT_TOO_LARGE',
      `${source.label}: ${descriptor.digest} is too large.`,
      {
        side: 'source',
        expected: `at most ${limit} bytes`,
        found: `${descriptor.size} bytes`,
      },
    )
  const options = { signal }
  const bytes = source.read(descriptor, { ...options, isDocument: true })
  return await collect(verified(bytes, descriptor, { ...options, label: source.label }))
}

/**
 * All bytes in one piece; for what is known to be small.
 * @param label for the message: where they come from
 * @throws DOCUMENT_TOO_LARGE
 */
export async function collect(
  bytes: Bytes,
  limit = Number.POSITIVE_INFINITY,
  label = 'The source',
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    parts.push(Buffer.from(chunk))
    length += chunk.length
    if (length > limit)
      throw new ContainerImageError('DOCUMENT_TOO_LARGE', `${label}: a document is too large.`, {
        side: 'source',
        expected: `at most ${limit} bytes`,
        found: `more than ${limit} bytes`,
      })
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, length)
}
