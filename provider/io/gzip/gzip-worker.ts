import { closeSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { openRegularSync } from '../files/regular-file.js'
import { type PlainFailure, plainFailure } from '../threads/plain-failure.js'
import { Deflater, WINDOW } from './deflate.js'

/** A block of the file to compress. */
export interface GzipJob {
  id: number
  offset: number
  size: number
}

export type GzipReply = { id: number; bytes: Uint8Array; crc: number } | { id: number; failure: PlainFailure }

const fd = openRegularSync((workerData as { path: string }).path)
const deflater = new Deflater()

parentPort?.on('message', (job: GzipJob | 'end') => {
  if (job === 'end') {
    closeSync(fd)
    parentPort?.close()
    return
  }
  try {
    const before = Math.min(WINDOW, job.offset)
    const input = read(job.offset - before, before + job.size)
    const bytes = Uint8Array.from(deflater.compress(input, before))
    const reply: GzipReply = { id: job.id, bytes, crc: crc32(input.subarray(before)) }
    parentPort?.postMessage(reply, [bytes.buffer])
  } catch (error) {
    parentPort?.postMessage({ id: job.id, failure: plainFailure(error) } satisfies GzipReply)
  }
})

function read(position: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size)
  for (let done = 0; done < size; ) {
    const count = readSync(fd, buffer, done, size - done, position + done)
    if (count === 0) throw new Error(`the file ends at byte ${position + done}`)
    done += count
  }
  return buffer
}
