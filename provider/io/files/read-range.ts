import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError, throwIfAborted } from '../../../manifests/index.js'
import type { Bytes, FileRange, ReadOptions } from '../bytes.js'
import { BUFFER_BYTES } from './buffer-size.js'
import { openRegular } from './regular-file.js'
import { fromSystem } from './system-errors.js'

/**
 * The bytes of a range of a file, read into two buffers in turn: one is filled while the consumer works on
 * the other.
 * @throws ARCHIVE_INVALID where the file ends before the range does; the system's errors in our words
 */
export async function* readRange(range: FileRange, options: ReadOptions = {}): Bytes {
  const file = await openRegular(range.path).catch((error) => {
    throw unreadable(error, range)
  })
  try {
    yield* chunksOf(file, range, options)
  } finally {
    await file.close()
  }
}

/**
 * The bytes of a whole file: as many as it has once it is open, because another file may have got its name
 * since somebody looked.
 * @throws as `readRange`
 */
export async function* readWhole(path: string, options: ReadOptions = {}): Bytes {
  const range = { path, offset: 0, size: 0 }
  const file = await openRegular(path).catch((error) => {
    throw unreadable(error, range)
  })
  try {
    const { size } = await file.stat()
    yield* chunksOf(file, { ...range, size }, options)
  } finally {
    await file.close()
  }
}

/** The bytes of a range of a file that is open already, and stays open. */
export async function* chunksOf(file: FileHandle, range: FileRange, options: ReadOptions): Bytes {
  let underWay: Promise<Uint8Array> | undefined
  try {
    let position = range.offset + (options.from ?? 0)
    const end = range.offset + range.size
    const length = Math.max(0, Math.min(BUFFER_BYTES, end - position))
    let [filling, resting] = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)]
    underWay = position < end ? readAt(file, filling, position, end) : undefined
    while (underWay) {
      throwIfAborted(options.signal)
      const chunk: Uint8Array = await underWay.catch((error) => {
        throw unreadable(error, range)
      })
      if (chunk.length === 0) throw cutShort(range, position)
      position += chunk.length
      ;[filling, resting] = [resting, filling]
      underWay = position < end ? readAt(file, filling, position, end) : undefined
      // A read that fails while the consumer is busy must not count as unhandled; it is thrown when awaited.
      underWay?.catch(() => {})
      yield chunk
    }
  } finally {
    // A read in progress must not find its file closed, or another file under its descriptor.
    await underWay?.catch(() => {})
  }
}

async function readAt(file: FileHandle, buffer: Buffer, position: number, end: number): Promise<Uint8Array> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position)
  return buffer.subarray(0, bytesRead)
}

/** A stick that was pulled out, for one. */
function unreadable(error: unknown, { path }: FileRange): unknown {
  return fromSystem(error, `Reading ${path}`, 'source')
}

function cutShort(range: FileRange, position: number): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${range.path} ends before it should.`, {
    side: 'source',
    expected: `${range.offset + range.size} bytes`,
    found: `${position} bytes`,
  })
}
