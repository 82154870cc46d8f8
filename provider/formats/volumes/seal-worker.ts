import { createHash, type Hash } from 'node:crypto'
import { closeSync, readSync, writeSync } from 'node:fs'
import { BUFFER_BYTES } from '../../io/files/buffer-size.js'
import { openOwnSync } from '../../io/files/own-file.js'
import { doing } from '../../io/threads/plain-failure.js'
import { serve } from '../../io/threads/serve.js'

export interface SealOrder {
  path: string
  /** Where the header of the last member begins; everything before it is summed. */
  sumOf: number
  /** Where the sum is written. */
  sumAt: number
  /** The size of the whole file, in bytes. */
  size: number
}

serve((order: SealOrder): string => doing(`Writing ${order.path}`, 'destination', () => seal(order)))

/** Reads the file once: the sum is written into it on the way, and the hash of the whole file is returned. */
function seal({ path, sumOf, sumAt, size }: SealOrder): string {
  const fd = openOwnSync(path)
  try {
    const hash = createHash('sha256')
    hashRange(fd, hash, 0, sumOf)
    const sum = Buffer.from(`${hash.copy().digest('hex')}\n`, 'latin1')
    writeSync(fd, sum, 0, sum.length, sumAt)
    hashRange(fd, hash, sumOf, size)
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}

function hashRange(fd: number, hash: Hash, start: number, end: number): void {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  for (let position = start; position < end; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, end - position), position)
    if (read === 0) throw new Error(`the file ends at byte ${position}`)
    hash.update(buffer.subarray(0, read))
    position += read
  }
}
