import { createHash, type Hash } from 'node:crypto'
import { ContainerImageError, type Descriptor, splitDigest, throwIfAborted } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'

export interface VerifiedOptions {
  /** Bytes that were already read and hashed, when a copy continues inside a blob. */
  before?: { hash: Hash; bytes: number }
  signal?: AbortSignal
  label?: string
}

/** A hash of the digest's own algorithm. @throws INVALID_DIGEST */
export function hashFor(descriptor: Descriptor): Hash {
  return createHash(splitDigest(descriptor.digest).algorithm)
}

/**
 * The one stream that everything from outside goes through: as many bytes as the descriptor says, not one
 * more, and with its digest. It fails as soon as it can tell; its consumer must not use what it got before
 * the stream has ended.
 * @throws SIZE_MISMATCH, DIGEST_MISMATCH, INVALID_DIGEST, INTERRUPTED
 */
export async function* verified(bytes: Bytes, descriptor: Descriptor, options: VerifiedOptions = {}): Bytes {
  const hash = options.before?.hash ?? hashFor(descriptor)
  let count = options.before?.bytes ?? 0
  for await (const chunk of bytes) {
    throwIfAborted(options.signal)
    count += chunk.length
    if (count > descriptor.size) throw sizeMismatch(descriptor, `more than ${descriptor.size}`, options.label)
    hash.update(chunk)
    yield chunk
  }
  throwIfAborted(options.signal)
  if (count !== descriptor.size) throw sizeMismatch(descriptor, count, options.label)
  checkDigest(hash, descriptor, options.label)
}

/** Compares a finished hash with the descriptor. @throws DIGEST_MISMATCH */
export function checkDigest(hash: Hash, descriptor: Descriptor, label?: string): void {
  const found = `${splitDigest(descriptor.digest).algorithm}:${hash.digest('hex')}`
  if (found !== descriptor.digest) throw digestMismatch(descriptor, found, label)
}

export function digestMismatch(descriptor: Descriptor, found: string, label?: string): ContainerImageError {
  return new ContainerImageError(
    'DIGEST_MISMATCH',
    `${from(label)}The bytes are not those of ${descriptor.digest}.`,
    {
      side: 'source',
      expected: descriptor.digest,
      found,
      details: { digest: descriptor.digest },
    },
  )
}

export function sizeMismatch(
  descriptor: Descriptor,
  found: string | number,
  label?: string,
): ContainerImageError {
  const isShort = typeof found === 'number' && found < descriptor.size
  const many = isShort ? `ends after ${found} bytes` : 'is longer than its descriptor says'
  return new ContainerImageError('SIZE_MISMATCH', `${from(label)}Blob ${descriptor.digest} ${many}.`, {
    side: 'source',
    expected: `${descriptor.size} bytes`,
    found: `${found} bytes`,
    details: { digest: descriptor.digest },
  })
}

function from(label: string | undefined): string {
  return label ? `${label}: ` : ''
}
