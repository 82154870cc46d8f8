import { open } from 'node:fs/promises'
import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import type { Bytes, FileRange, ReadOptions } from '../ports.js'

/** 1 MiB: below it the cost of a call shows, above it the caches of the processor do. */
export const BUFFER_BYTES = 1024 * 1024

/**
 * The bytes of a range of a file; the next read is under way while the consumer works on the last.
 * @throws ARCHIVE_INVALID where the file ends before the range does
 */
export async function* readRange(range: FileRange, options: ReadOptions = {}): Bytes {
  const file = await open(range.path, 'r')
  try {
    let position = range.offset + (options.from ?? 0)
    const end = range.offset + range.size
    let next = position < end ? readAt(file, position, end) : undefined
    while (next) {
      throwIfAborted(options.signal)
      const chunk = await next
      if (chunk.length === 0) throw cutShort(range, position)
      position += chunk.length
      next = position < end ? readAt(file, position, end) : undefined
      // A read that fails while the consumer is busy must not count as unhandled; it is thrown when awaited.
      next?.catch(() => {})
      yield chunk
    }
  } finally {
    await file.close()
  }
}

async function readAt(
  file: Awaited<ReturnType<typeof open>>,
  position: number,
  end: number,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(BUFFER_BYTES, end - position))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
  return bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)
}

function cutShort(range: FileRange, position: number): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${range.path} ends before it should.`, {
    side: 'source',
    expected: `${range.offset + range.size} bytes`,
    found: `${position} bytes`,
  })
}
