import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { ContainerImageError } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'

/**
 * What follows the header of an age file (C2SP age.md, "Payload"): a nonce, then chunks that are each sealed with
 * ChaCha20-Poly1305, of which the last one is marked as such. Node's own cipher does it in place of the
 * package's, which is plain JavaScript.
 */

/** Bytes of one chunk before they are sealed. */
const CHUNK = 64 * 1024
const TAG = 16
const CIPHER = 'chacha20-poly1305'

/** Bytes of the nonce that a payload begins with. */
export const PAYLOAD_NONCE = 16

/** The bytes sealed, without the nonce before them. */
export async function* sealed(bytes: Bytes, fileKey: Uint8Array, nonce: Uint8Array): Bytes {
  const key = keyOf(fileKey, nonce)
  let count = 0
  // Whether a chunk is the last one is known only at the end: a full one waits for the bytes after it.
  for await (const chunk of inChunks(bytes, CHUNK)) yield seal(key, count++, chunk.bytes, chunk.isLast)
}

/**
 * The plain bytes, each chunk only once it is known to be right.
 * @param label of the file, for errors
 * @throws DECRYPTION_FAILED where it was changed or cut
 */
export async function* unsealed(bytes: Bytes, fileKey: Uint8Array, nonce: Uint8Array, label: string): Bytes {
  const key = keyOf(fileKey, nonce)
  let count = 0
  for await (const chunk of inChunks(bytes, CHUNK + TAG)) {
    const opened = unseal(key, count, chunk.bytes, chunk.isLast)
    // Only an empty file ends in an empty chunk.
    if (!opened || (opened.length === 0 && count > 0)) throw damaged(label, count * CHUNK)
    yield opened
    count++
  }
}

function keyOf(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32))
}

/**
 * Eleven bytes count, one says whether this is the last; no file is so large that six would not be enough.
 */
function nonceOf(count: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(count, 5, 6)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

function seal(key: Buffer, count: number, bytes: Uint8Array, isLast: boolean): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(count, isLast), { authTagLength: TAG })
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function unseal(key: Buffer, count: number, bytes: Uint8Array, isLast: boolean): Buffer | undefined {
  if (bytes.length < TAG) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonceOf(count, isLast), { authTagLength: TAG })
  decipher.setAuthTag(bytes.subarray(-TAG))
  const opened = decipher.update(bytes.subarray(0, -TAG))
  try {
    decipher.final()
    return opened
  } catch {
    return undefined
  }
}

/** The same bytes in chunks of one size; the last may be shorter. */
async function* inChunks(bytes: Bytes, size: number): AsyncIterable<{ bytes: Uint8Array; isLast: boolean }> {
  const buffer = Buffer.alloc(size)
  let filled = 0
  for await (const chunk of bytes)
    for (let from = 0; from < chunk.length; ) {
      if (filled === size) {
        yield { bytes: buffer, isLast: false }
        filled = 0
      }
      const part = chunk.subarray(from, from + size - filled)
      buffer.set(part, filled)
      filled += part.length
      from += part.length
    }
  yield { bytes: buffer.subarray(0, filled), isLast: true }
}

function damaged(label: string, position: number): ContainerImageError {
  return new ContainerImageError('DECRYPTION_FAILED', `${label} cannot be decrypted to its end.`, {
    side: 'source',
    expected: 'the bytes that were encrypted, to the last',
    found: `other bytes, or none, behind the first ${position}`,
  })
}
