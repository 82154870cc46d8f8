import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../bytes.js'
import { BUFFER_BYTES } from './buffer-size.js'
import { fromSystem } from './system-errors.js'

/**
 * Writes a stream to its place in a file. Chunks are gathered in two buffers of 1 MiB; while one is being
 * written the other is filled, so that the disk and the processor work side by side.
 * @param written called when bytes are in the file
 * @param size how many bytes come, if that is known: thousands of small files would be thousands of large
 * buffers
 * @throws NO_SPACE, PERMISSION_DENIED and what the stream throws
 */
export async function writeBytes(
  file: FileHandle,
  bytes: Bytes,
  position: number,
  written: (count: number) => void,
  size = BUFFER_BYTES,
): Promise<void> {
  const most = Math.max(1, Math.min(BUFFER_BYTES, size))
  let filling: Buffer = Buffer.allocUnsafeSlow(most)
  let resting: Buffer | undefined
  let filled = 0
  let at = position
  let underWay: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    const full = filling.subarray(0, filled)
    await underWay
    underWay = writeAll(file, full, at).then(() => written(full.length))
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    underWay.catch(() => {})
    at += filled
  }

  async function flushFull(): Promise<void> {
    await flush()
    filled = 0
    ;[filling, resting] = [resting ?? Buffer.allocUnsafeSlow(most), filling]
  }

  async function gather(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + most - filled)
      filling.set(part, filled)
      filled += part.length
      from += part.length
      if (filled === most) await flushFull()
    }
  }

  try {
    for await (const chunk of bytes) await gather(chunk)
  } catch (error) {
    // Everything before the failure is kept: the next run continues from there.
    await flush().catch(() => {})
    await underWay.catch(() => {})
    throw error
  }
  await flush()
  await underWay
}

/** Writes all of a chunk to its place in a file. @throws NO_SPACE, PERMISSION_DENIED */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  try {
    while (done < bytes.length) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  } catch (error) {
    throw fromSystem(error, 'Writing', 'destination')
  }
}
