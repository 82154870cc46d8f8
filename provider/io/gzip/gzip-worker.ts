import { readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { openRegularSync } from '../files/regular-file.js'
import { serve } from '../threads/serve.js'
import { Deflater, WINDOW } from './deflate.js'

/** A block of the file to compress. */
export interface GzipJob {
  offset: number
  size: number
}

export interface GzipBlock {
  bytes: Uint8Array
  /** Of the input, and how much of it there was. */
  crc: number
  size: number
}

const { path } = workerData as { path: string }
const deflater = new Deflater()
let fd: number | undefined

serve(({ offset, size }: GzipJob, { transfer }): GzipBlock => {
  const before = Math.min(WINDOW, offset)
  const input = read(offset - before, before + size)
  const bytes = Uint8Array.from(deflater.compress(input, before))
  transfer.push(bytes.buffer as ArrayBuffer)
  return { bytes, crc: crc32(input.subarray(before)), size }
})

function read(position: number, size: number): Buffer {
  fd ??= openRegularSync(path)
  const buffer = Buffer.allocUnsafe(size)
  for (let done = 0; done < size; ) {
    const count = readSync(fd, buffer, done, size - done, position + done)
    if (count === 0) throw new Error(`the file ends at byte ${position + done}`)
    done += count
  }
  return buffer
}
