import type { Fault, JobFrame, Mismatch } from './decode-job.js'
import type { Unit } from './stream-plan.js'

/** What became of a unit. `bytes` are the decoder's own, and good until release() is called. */
export interface Decoded {
  unit: Unit
  bytes: Buffer
  faults: Fault[]
  mismatches: Mismatch[]
  release(): void
}

/** What a unit is to be checked against and where it is to be written; see JobFrame. */
export type Orders = Pick<JobFrame, 'checks' | 'hashes' | 'writes' | 'writeTo'>

/** Something that expands units: a pool of workers, or the thread that asks. */
export interface UnitDecoder {
  /** Takes a unit as soon as there is room, and then gives a promise of what becomes of it. */
  submit(unit: Unit, orders: Orders): Promise<{ done: Promise<Decoded> }>
  /** Whether a unit would be taken at once. */
  hasRoom(unit: Unit): boolean
  /** Ends the work, even in the middle of it. */
  close(reason?: unknown): Promise<void>
}
