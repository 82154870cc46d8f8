import { hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { Decoders } from '../codecs/decoders.js'
import { type DecodeJob, type Fault, type JobFrame, type Mismatch, numberAt } from './decode-job.js'
import { expand } from './expand.js'

/** Of a SHA-1 in hex. */
const HASH_DIGITS = 40

/** Does one job in the decoders' memory. What is damaged is told, and the rest is done all the same. */
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

/** Writes only where the whole job is sound: the caller gives the file up otherwise. */
function write(
  decoders: Decoders,
  job: JobFrame,
  faults: readonly Fault[],
  mismatches: readonly Mismatch[],
): void {
  const { writes, writeTo, output } = job
  if (faults.length > 0 || mismatches.length > 0) return
  for (let i = 0; i < writes.length; i += 3) {
    const at = output + numberAt(writes, i)
    const size = numberAt(writes, i + 1)
    const position = numberAt(writes, i + 2)
    for (let done = 0; done < size; )
      done += writeSync(writeTo, decoders.bytes, at + done, size - done, position + done)
  }
}
