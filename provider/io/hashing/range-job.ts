import { createHash } from 'node:crypto'
import { closeSync, readSync, writeSync } from 'node:fs'
import type { FileRange } from '../bytes.js'
import { BUFFER_BYTES } from '../files/buffer-size.js'
import { openNewSync, openOwnSync } from '../files/own-file.js'
import { openRegularSync } from '../files/regular-file.js'
import { syncData } from '../files/writeback.js'
import { doing, inDoing } from '../threads/plain-failure.js'

/** A range of a file to hash and, where there is a target, to copy in the same pass. */
export interface RangeJob {
  source: FileRange
  algorithm: 'sha256' | 'sha512' | 'sha1'
  target?: {
    path: string
    offset: number
    /** Make the file; nothing may be there. Otherwise write into the one that is. */
    create: boolean
    /** Have the disk begin on the way. The sync that makes the bytes last is for who gives the file its name. */
    writesBack: boolean
  }
}

/** There is a hash of the whole range or none: what covers a part of it could be taken for more than it is. */
export type RangeResult =
  | { state: 'whole'; hex: string }
  /** The file ends after so many bytes of the range. */
  | { state: 'short'; bytes: number }
  | { state: 'stopped' }

/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 32 * 1024 * 1024

/**
 * Does the job with one buffer and plain system calls; for a worker thread, or for little on the main one.
 * @param moved told after each buffer; returning false stops the job
 */
export async function runRangeJob(job: RangeJob, moved: (count: number) => boolean): Promise<RangeResult> {
  const input = reading(job, () => openRegularSync(job.source.path))
  try {
    const target = job.target
    if (!target) return pump(job, input, undefined, moved)
    const output = doing(`Writing ${target.path}`, 'destination', () =>
      target.create ? openNewSync(target.path) : openOwnSync(target.path),
    )
    const begun: Promise<void>[] = []
    try {
      const result = pump(job, input, { fd: output, begun }, moved)
      // The system tells of a write that failed once: the sync that follows would not tell of it again.
      await Promise.all(begun)
      return result
    } catch (error) {
      throw inDoing(error, `Writing ${target.path}`, 'destination')
    } finally {
      await Promise.allSettled(begun)
      closeSync(output)
    }
  } finally {
    closeSync(input)
  }
}

/** A failure of the system is one of the source here: a stick that was pulled is not a full disk. */
function reading<T>({ source }: RangeJob, step: () => T): T {
  return doing(`Reading ${source.path}`, 'source', step)
}

interface Output {
  fd: number
  /** What the disk was told to write on the way. */
  begun: Promise<void>[]
}

function pump(
  job: RangeJob,
  input: number,
  output: Output | undefined,
  moved: (count: number) => boolean,
): RangeResult {
  const hash = createHash(job.algorithm)
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(BUFFER_BYTES, job.source.size)))
  let bytes = 0
  let unsynced = 0
  while (bytes < job.source.size) {
    const wanted = Math.min(buffer.length, job.source.size - bytes)
    const read = reading(job, () => readSync(input, buffer, 0, wanted, job.source.offset + bytes))
    if (read === 0) return { state: 'short', bytes }
    const part = read === buffer.length ? buffer : buffer.subarray(0, read)
    hash.update(part)
    if (output) {
      writeAll(output.fd, part, (job.target?.offset ?? 0) + bytes)
      unsynced += read
      if (job.target?.writesBack && unsynced >= WRITEBACK_BYTES) {
        output.begun.push(syncData(output.fd))
        unsynced = 0
      }
    }
    bytes += read
    if (!moved(read) && bytes < job.source.size) return { state: 'stopped' }
  }
  return { state: 'whole', hex: hash.digest('hex') }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length)
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
}
