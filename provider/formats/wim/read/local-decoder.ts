import { align, compileDecoders, Decoders, SLACK } from '../codecs/decoders.js'
import { decode } from './decode.js'
import type { Unit } from './stream-plan.js'
import type { Decoded, Orders, UnitDecoder } from './unit-decoder.js'

/** Kept for the next one to use: memories are large, and are freed late if many are made. */
let idle: Decoders | undefined
const MAX_IDLE = 16 << 20

/** Expands units in the thread that asks: for one tree or a small WIM a worker would take longer to start. */
export class LocalDecoder implements UnitDecoder {
  private readonly decoders: Decoders
  private busy = false
  private closed = false

  constructor() {
    this.decoders = idle ?? new Decoders(compileDecoders())
    idle = undefined
  }

  async submit(unit: Unit, orders: Orders): Promise<{ done: Promise<Decoded> }> {
    this.busy = true
    const { decoders } = this
    const output = decoders.base
    const input = align(output + unit.size + SLACK)
    const job = { ...unit.task, fd: unit.part.handle.fd, output, input, ...orders }
    const { faults, mismatches } = decode(decoders, job)
    const release = () => {
      this.busy = false
    }
    const bytes = decoders.bytes.subarray(output, output + unit.size)
    return { done: Promise.resolve({ unit, bytes, faults, mismatches, release }) }
  }

  hasRoom(): boolean {
    return !this.busy
  }

  async close(): Promise<void> {
    if (!this.closed && this.decoders.bytes.length <= MAX_IDLE) idle = this.decoders
    this.closed = true
  }
}
