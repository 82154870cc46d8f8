import { hash } from 'node:crypto'
import { writevSync } from 'node:fs'
import type { Decoders } from '../codecs/decoders.js'
import { type DecodeJob, type Fault, type JobFrame, type Mismatch, numberAt } from './decode-job.js'
import { expand } from './expand.js'

/** Of a SHA-1 in hex. */
const HASH_DIGITS = 40
/** As many buffers as one call of the system takes (IOV_MAX). */
const MOST_AT_ONCE = 1022

/** Does one job in the decoders' memory. Damage is reported, and the rest is still done. */
export function decode(decoders: Decoders, job: DecodeJob): { faults: Fault[]; mismatches: Mismatch[] } {
  const faults: Fault[] = []
  expand(decoders, job, faults)
  const mismatches = check(decoders, job, faults)
  write(decoders, job, faults, mismatches)
  return { faults, mismatches }
}

function check(decoders: Decoders, job: JobFrame, faults: readonly Fault[]): Mismatch[] {
  const { checks, hashes, output } = job
  const mismatches: Mismatch[] = []
  for (let i = 0; i < checks.length; i += 3) {
    const at = numberAt(checks, i)
    const size = numberAt(checks, i + 1)
    const index = numberAt(checks, i + 2)
    if (isFaulty(faults, at, size)) continue
    const found = hash('sha1', decoders.bytes.subarray(output + at, output + at + size), 'hex')
    if (!hashes.startsWith(found, HASH_DIGITS * index)) mismatches.push({ index, found })
  }
  return mismatches
}

/** Whether a fault touches these bytes of the output. */
export function isFaulty(faults: readonly Fault[], at: number, size: number): boolean {
  return faults.some((fault) => at < fault.to && at + Math.max(size, 1) > fault.from)
}

/** Writes only if the whole job is sound: otherwise the caller gives the file up. */
function write(
  decoders: Decoders,
  job: JobFrame,
  faults: readonly Fault[],
  mismatches: readonly Mismatch[],
): void {
  const { writes, writeTo, output } = job
  const { heads, places } = writes
  if (faults.length > 0 || mismatches.length > 0) return
  let headAt = 0
  let run: Uint8Array[] = []
  let start = 0
  let end = 0
  for (let i = 0; i < places.length; i += 4) {
    const position = numberAt(places, i)
    const headSize = numberAt(places, i + 1)
    const at = output + numberAt(places, i + 2)
    const size = numberAt(places, i + 3)
    if (position !== end || run.length >= MOST_AT_ONCE) {
      writeAll(writeTo, run, start)
      run = []
      start = position
    }
    if (headSize > 0) run.push(heads.subarray(headAt, headAt + headSize))
    if (size > 0) run.push(decoders.bytes.subarray(at, at + size))
    headAt += headSize
    end = position + headSize + size
  }
  writeAll(writeTo, run, start)
}

/** Writes consecutive buffers without copying them: memory that threads share is slow to copy. */
function writeAll(fd: number, buffers: Uint8Array[], position: number): void {
  let at = position
  for (let left = buffers; left.length > 0; ) {
    let done = writevSync(fd, left, at)
    at += done
    let whole = 0
    for (; done >= (left[whole]?.length ?? Number.POSITIVE_INFINITY); whole++)
      done -= left[whole]?.length ?? 0
    left = left.slice(whole)
    if (done > 0 && left[0]) left[0] = left[0].subarray(done)
  }
}
