import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { BUFFER_BYTES } from '../files/buffer-size.js'
import { openRegularSync } from '../files/regular-file.js'

/** `ready`: the file is final up to this byte. `end`: it ends there, and the hash is wanted. */
export type FollowerOrder = { type: 'ready' | 'end'; upTo: number }

export type FollowerReply = { hex: string } | { message: string; code?: string }

const fd = openRegularSync((workerData as { path: string }).path)
const hash = createHash('sha256')
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
let position = 0

parentPort?.on('message', (order: FollowerOrder) => {
  try {
    hashUpTo(order.upTo)
    if (order.type !== 'end') return
    closeSync(fd)
    parentPort?.postMessage({ hex: hash.digest('hex') } satisfies FollowerReply)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    parentPort?.postMessage({ message, code } satisfies FollowerReply)
  }
})

function hashUpTo(end: number): void {
  while (position < end) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, end - position), position)
    if (read === 0) throw new Error(`the file ends at byte ${position}`)
    hash.update(read === buffer.length ? buffer : buffer.subarray(0, read))
    position += read
  }
}
