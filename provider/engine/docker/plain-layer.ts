import { ContainerImageError, type Descriptor } from '../../../manifests/index.js'
import { decompressed } from '../../archives/members/compression.js'
import type { Content } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'
import { verified } from '../../copy/verified.js'
import type { Bytes } from '../../io/bytes.js'

export type LayerCompression = 'none' | 'gzip' | 'zstd'

/** How a layer is compressed, by its media type. */
export function layerCompression({ mediaType }: Descriptor): LayerCompression {
  if (mediaType.endsWith('zstd')) return 'zstd'
  return mediaType.endsWith('gzip') ? 'gzip' : 'none'
}

/**
 * The layer as it is, or uncompressed, verified to its last byte.
 * A chunk is gone when the next one is asked for.
 * @param onBytes is called with the number of bytes of the blob that were read since the last call
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, ARCHIVE_INVALID and what the source throws
 */
export async function* layerBytes(
  content: Content,
  as: 'plain' | 'as-is',
  onBytes?: (count: number) => void,
): Bytes {
  const { descriptor } = content
  let isWhole = false
  async function* whole(): Bytes {
    for await (const chunk of checked(content)) {
      onBytes?.(chunk.length)
      yield chunk
    }
    isWhole = true
  }
  if (as === 'as-is') yield* whole()
  else
    yield* decompressed(whole(), layerCompression(descriptor), `Layer ${descriptor.digest}`, {
      freesChunks: true,
    })
  // A decoder stops where its data ends; any bytes after that belong to the blob, too.
  if (!isWhole) for await (const _ of checked(content));
}

/**
 * The size that the layer has uncompressed. Of gzip the trailer says it, which is right for one member below
 * 4 GiB (RFC 1952, 2.3.1) and a guess otherwise; a zstd layer is read once for it.
 */
export async function plainSize(content: Content): Promise<number> {
  const { descriptor } = content
  const kind = layerCompression(descriptor)
  if (kind === 'none') return descriptor.size
  if (kind === 'gzip') {
    const end = await collect(content.open(Math.max(0, descriptor.size - 4)))
    if (end.length < 4) throw tooShort(descriptor)
    return Buffer.from(end).readUInt32LE(end.length - 4)
  }
  let size = 0
  for await (const chunk of layerBytes(content, 'plain')) size += chunk.length
  return size
}

function checked(content: Content): Bytes {
  const { descriptor, signal } = content
  return verified(content.open(0), descriptor, { signal })
}

function tooShort({ digest, size }: Descriptor): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `Layer ${digest} is cut short.`, {
    side: 'source',
    expected: 'gzip data',
    found: `${size} bytes`,
  })
}
