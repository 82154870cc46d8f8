import { createHash } from 'node:crypto'
import { closeSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { FileRange } from '../bytes.js'
import { BUFFER_BYTES } from '../files/buffer-size.js'
import { openNewSync, openOwnSync } from '../files/own-file.js'
import { openRegularSync } from '../files/regular-file.js'
import { syncData } from '../files/writeback.js'
import { doing, inDoing } from '../threads/plain-failure.js'

/** A range of a file to hash and, where there is a target, to copy in the same pass. Without an algorithm it is only copied. */
export interface RangeJob {
  source: FileRange
  algorithm?: 'sha256' | 'sha512' | 'sha1'
  /** Parts of the range whose CRC-32s are wanted as well, in the order in which they are in it. */
  sections?: readonly Section[]
  target?: {
    path: string
    offset: number
    /** Create the file; it must not exist yet. Otherwise write into the existing one. */
    create: boolean
    /** Make the disk start writing along the way. The final sync is up to the code that gives the file its name. */
    writesBack: boolean
  }
}

/** A part of a range, in bytes from its beginning. */
export interface Section {
  from: number
  size: number
}

/** There is a hash of the whole range or none: a hash of a part could be taken for more than it is. */
export type RangeResult =
  | { state: 'whole'; hex: string; crc32s?: number[] }
  /** The file ends after this many bytes of the range. */
  | { state: 'short'; bytes: number }
  | { state: 'stopped' }

/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 32 * 1024 * 1024

/**
 * Does the job with one buffer and plain system calls; for a worker thread, or for small jobs on the main one.
 * @param moved called after each buffer; returning false stops the job
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
      // The system reports a failed write only once: the sync that follows would not report it again.
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

/** A system error here is on the side of the source: a stick that was pulled out is not a full disk. */
function reading<T>({ source }: RangeJob, step: () => T): T {
  return doing(`Reading ${source.path}`, 'source', step)
}

interface Output {
  fd: number
  /** The writes that the disk was told to start along the way. */
  begun: Promise<void>[]
}

function pump(
  job: RangeJob,
  input: number,
  output: Output | undefined,
  moved: (count: number) => boolean,
): RangeResult {
  const hash = job.algorithm && createHash(job.algorithm)
  const sums = job.sections && new Sums(job.sections)
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(BUFFER_BYTES, job.source.size)))
  let bytes = 0
  let unsynced = 0
  while (bytes < job.source.size) {
    const wanted = Math.min(buffer.length, job.source.size - bytes)
    const read = reading(job, () => readSync(input, buffer, 0, wanted, job.source.offset + bytes))
    if (read === 0) return { state: 'short', bytes }
    const part = read === buffer.length ? buffer : buffer.subarray(0, read)
    hash?.update(part)
    sums?.add(part, bytes)
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
  const hex = hash?.digest('hex') ?? ''
  return sums ? { state: 'whole', hex, crc32s: sums.found } : { state: 'whole', hex }
}

/** CRC-32s of sections, over bytes that pass by one after the other. */
class Sums {
  readonly found: number[]
  /** The number of the first section that is not finished yet. */
  private next = 0

  constructor(private readonly sections: readonly Section[]) {
    this.found = sections.map(() => 0)
  }

  add(chunk: Uint8Array, position: number): void {
    const end = position + chunk.length
    for (let i = this.next; i < this.sections.length; i++) {
      const { from, size } = this.sections[i] as Section
      if (from >= end) return
      const part = chunk.subarray(Math.max(0, from - position), Math.max(0, from + size - position))
      if (part.length > 0) this.found[i] = crc32(part, this.found[i])
      if (from + size <= end) this.next = i + 1
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length)
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
}
