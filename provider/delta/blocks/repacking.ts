import { createHash } from 'node:crypto'
import { ResultOut } from './result-out.js'
import { StreamOut } from './stream-out.js'
import type { Wanted } from './task.js'

/** Turns tokens back while they are being made: if the result differs from the original, it must not become a delta. */
export class Repacking {
  private readonly result: ResultOut
  private readonly stream: StreamOut
  private readonly tokens = createHash('sha256')

  constructor(module: WebAssembly.Module, wanted: Wanted) {
    this.result = new ResultOut(wanted, () => {})
    this.stream = new StreamOut(module, this.result, true)
  }

  take(tokens: Buffer): void {
    this.tokens.update(tokens)
    this.stream.fill(tokens.length, (target, done) => target.set(tokens.subarray(done, done + target.length)))
  }

  end(): { hex: string; tokensHex: string } {
    this.stream.end()
    return { hex: this.result.end(), tokensHex: this.tokens.digest('hex') }
  }
}
