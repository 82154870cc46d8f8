import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { BUFFER_BYTES } from '../files/buffer-size.js'
import { openRegularSync } from '../files/regular-file.js'
import { serve } from '../threads/serve.js'

export interface FollowerOrder {
  /** The file is final up to this byte. */
  upTo: number
  /** It ends there, and the hash is wanted. */
  isLast: boolean
}

const fd = openRegularSync((workerData as { path: string }).path)
const hash = createHash('sha256')
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
let position = 0

serve(({ upTo, isLast }: FollowerOrder): string | undefined => {
  while (position < upTo) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, upTo - position), position)
    if (read === 0) throw new Error(`the file ends at byte ${position}`)
    hash.update(read === buffer.length ? buffer : buffer.subarray(0, read))
    position += read
  }
  if (!isLast) return undefined
  closeSync(fd)
  return hash.digest('hex')
})
