import { align, compileDecoders, Decoders, SLACK } from './codecs/decoders.js'
import { decode } from './decode.js'
import type { Unit } from './stream-plan.js'
import type { Decoded, Orders, UnitDecoder } from './unit-decoder.js'

/** Expands units in the thread that asks: for one tree or a small WIM a worker would take longer to start. */
export class LocalDecoder implements UnitDecoder {
  private readonly decoders = new Decoders(compileDecoders())
  private busy = false

  async submit(unit: Unit, orders: Orders): Promise<{ done: Promise<Decoded> }> {
    this.busy = true
    const { decoders } = this
    const output = decoders.base
    const input = align(output + unit.size + SLACK)
    const job = { ...unit.task, id: 0, fd: unit.part.handle.fd, output, input, ...orders }
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

  async close(): Promise<void> {}
}
