import { createHash } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { BUFFER_BYTES } from '../io/files/buffer-size.js'
import { CHECKSUM_BYTES } from './file-packets.js'
import type { Answers, HashFile, HashSlices } from './order.js'
import { type Checkpoint, eachPiece, withFile } from './steps.js'

const zeros = Buffer.alloc(BUFFER_BYTES)

export function hashFile({ path }: HashFile, checkpoint: Checkpoint): Answers['hash-file'] {
  return withFile(path, 'r', (fd) => {
    const hash = createHash('md5')
    const size = eachPiece(fd, 0, fstatSync(fd).size, checkpoint, (piece) => hash.update(piece))
    return { md5: hash.digest('hex'), size }
  })
}

/** A slice that the file is too short for has checksums of zeros. */
export function hashSlices(order: HashSlices, checkpoint: Checkpoint): Answers['hash-slices'] {
  const checksums = Buffer.alloc(order.count * CHECKSUM_BYTES)
  withFile(order.path, 'r', (fd) => {
    for (let i = 0; i < order.count; i++)
      hashSlice(fd, order, order.first + i, checkpoint)?.copy(checksums, i * CHECKSUM_BYTES)
  })
  return { checksums }
}

function hashSlice(fd: number, order: HashSlices, slice: number, checkpoint: Checkpoint): Buffer | undefined {
  const { sliceSize, size } = order
  const position = slice * sliceSize
  const length = Math.min(sliceSize, size - position)
  const hash = createHash('md5')
  let crc = 0
  const take = (piece: Buffer): void => {
    hash.update(piece)
    crc = crc32(piece, crc)
  }
  if (eachPiece(fd, position, length, checkpoint, take) < length) return undefined
  for (let left = sliceSize - length; left > 0; left -= zeros.length) {
    checkpoint()
    take(zeros.subarray(0, left))
  }
  const checksum = Buffer.alloc(CHECKSUM_BYTES)
  hash.digest().copy(checksum)
  checksum.writeUInt32LE(crc, 16)
  return checksum
}
