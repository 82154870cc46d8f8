import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../ports.js'
import { BUFFER_BYTES } from './read-range.js'
import { fromSystem } from './system-errors.js'

/**
 * Writes a stream to its place in a file. Chunks are gathered to 1 MiB and written without copying; one
 * write is under way while the next chunks are fetched and hashed, so that the disk and the processor work
 * side by side.
 * @param written told when bytes are in the file
 * @throws NO_SPACE, PERMISSION_DENIED and what the stream throws
 */
export async function writeBytes(
  file: FileHandle,
  bytes: Bytes,
  position: number,
  written: (count: number) => void,
): Promise<void> {
  let gathered: Uint8Array[] = []
  let length = 0
  let at = position
  let underWay: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    const chunks = gathered
    const count = length
    gathered = []
    length = 0
    await underWay
    underWay = writeAll(file, chunks, count, at).then(() => written(count))
    // A failure is thrown where it is waited for; until then it must not count as unhandled.
    underWay.catch(() => {})
    at += count
  }

  try {
    for await (const chunk of bytes) {
      gathered.push(chunk)
      length += chunk.length
      if (length >= BUFFER_BYTES) await flush()
    }
  } catch (error) {
    // What came before the failure is kept: the next run goes on from there.
    await flush().catch(() => {})
    await underWay.catch(() => {})
    throw error
  }
  if (length > 0) await flush()
  await underWay
}

async function writeAll(
  file: FileHandle,
  chunks: Uint8Array[],
  count: number,
  position: number,
): Promise<void> {
  if (count === 0) return
  try {
    const { bytesWritten } = await file.writev(chunks, position)
    if (bytesWritten < count)
      await writeRest(file, Buffer.concat(chunks).subarray(bytesWritten), position + bytesWritten)
  } catch (error) {
    throw fromSystem(error, 'Writing', 'destination')
  }
}

async function writeRest(file: FileHandle, rest: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < rest.length) {
    const { bytesWritten } = await file.write(rest, done, rest.length - done, position + done)
    done += bytesWritten
  }
}
