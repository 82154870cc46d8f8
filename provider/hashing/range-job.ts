import { createHash } from 'node:crypto'
import { closeSync, fchmodSync, fdatasync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { BUFFER_BYTES } from '../files/read-range.js'
import type { FileRange } from '../ports.js'

/** A range of a file to hash and, where there is a target, to copy in the same pass. */
export interface RangeJob {
  source: FileRange
  algorithm: 'sha256' | 'sha512' | 'sha1'
  target?: {
    path: string
    offset: number
    /** Make the file anew, and read-only at the end; otherwise write into the one that is there. */
    create: boolean
    /** Return only when the bytes will survive a loss of power. */
    sync: boolean
  }
}

export interface RangeResult {
  hex: string
  /** Bytes read; fewer than the range where the file ends early. */
  bytes: number
}

/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 32 * 1024 * 1024

/**
 * Does the job with one buffer and plain system calls; for a worker thread, or for little on the main one.
 * @param moved told after each buffer; returning false stops the job
 */
export function runRangeJob(job: RangeJob, moved: (count: number) => boolean): RangeResult {
  const input = openSync(job.source.path, 'r')
  try {
    const target = job.target
    if (!target) return pump(job, input, undefined, moved)
    const output = openSync(target.path, target.create ? 'w' : 'r+', 0o644)
    try {
      const result = pump(job, input, output, moved)
      if (target.create) fchmodSync(output, 0o444)
      if (target.sync) fsyncSync(output)
      return result
    } finally {
      closeSync(output)
    }
  } finally {
    closeSync(input)
  }
}

function pump(
  job: RangeJob,
  input: number,
  output: number | undefined,
  moved: (count: number) => boolean,
): RangeResult {
  const hash = createHash(job.algorithm)
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(BUFFER_BYTES, job.source.size)))
  let bytes = 0
  let unsynced = 0
  while (bytes < job.source.size) {
    const wanted = Math.min(buffer.length, job.source.size - bytes)
    const read = readSync(input, buffer, 0, wanted, job.source.offset + bytes)
    if (read === 0) break
    const part = read === buffer.length ? buffer : buffer.subarray(0, read)
    hash.update(part)
    if (output !== undefined) {
      writeAll(output, part, (job.target?.offset ?? 0) + bytes)
      unsynced += read
      if (job.target?.sync && unsynced >= WRITEBACK_BYTES) {
        // Begun on a thread of the pool and not waited for: fsync at the end reports what fails.
        fdatasync(output, () => {})
        unsynced = 0
      }
    }
    bytes += read
    if (!moved(read)) break
  }
  return { hex: hash.digest('hex'), bytes }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length)
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
}
