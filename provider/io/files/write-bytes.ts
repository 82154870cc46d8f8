import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../bytes.js'
import { BUFFER_BYTES } from './buffer-size.js'
import { fromSystem } from './system-errors.js'

/**
 * Writes a stream to its place in a file. Chunks are gathered in two buffers of 1 MiB; while one is being
 * written the other is filled, so that the disk and the processor work side by side.
 * @param written told when bytes are in the file
 * @throws NO_SPACE, PERMISSION_DENIED and what the stream throws
 */
export async function writeBytes(
  file: FileHandle,
  bytes: Bytes,
  position: number,
  written: (count: number) => void,
): Promise<void> {
  let [filling, resting] = [Buffer.allocUnsafeSlow(BUFFER_BYTES), Buffer.allocUnsafeSlow(BUFFER_BYTES)]
  let filled = 0
  let at = position
  let underWay: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    const full = filling.subarray(0, filled)
    await underWay
    underWay = writeAll(file, full, at).then(() => written(full.length))
    // A failure is thrown where it is waited for; until then it must not count as unhandled.
    underWay.catch(() => {})
    at += filled
    filled = 0
    ;[filling, resting] = [resting, filling]
  }

  async function gather(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + BUFFER_BYTES - filled)
      filling.set(part, filled)
      filled += part.length
      from += part.length
      if (filled === BUFFER_BYTES) await flush()
    }
  }

  try {
    for await (const chunk of bytes) await gather(chunk)
  } catch (error) {
    // What came before the failure is kept: the next run goes on from there.
    await flush().catch(() => {})
    await underWay.catch(() => {})
    throw error
  }
  await flush()
  await underWay
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
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
