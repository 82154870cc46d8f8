import { BUFFER_BYTES } from '../../io/files/buffer-size.js'
import { deltaInvalid } from './delta-invalid.js'
import { Kernel, MARGIN, STATUS } from './kernel/kernel.js'
import type { ResultOut } from './result-out.js'

const OUTPUT = 2 * BUFFER_BYTES

/** How much memory this needs in a kernel. */
const MEMORY = 2 * BUFFER_BYTES + OUTPUT + 4 * MARGIN

/** A growing stream; turns tokens into the blob on the way. */
export class StreamOut {
  /** Bytes of the stream so far. */
  size = 0
  private readonly kernel: Kernel
  private readonly input: number
  private readonly output: number
  private held = 0

  constructor(
    module: WebAssembly.Module,
    private readonly result: ResultOut,
    private readonly pack: boolean,
  ) {
    this.kernel = new Kernel(module, MEMORY)
    this.input = this.kernel.take(BUFFER_BYTES + 2 * MARGIN)
    this.output = this.kernel.take(OUTPUT)
    this.kernel.exports.startPack()
  }

  /** Adds this many bytes, which are put where they are wanted, in pieces. */
  fill(count: number, put: (target: Buffer, done: number) => void): void {
    for (let done = 0; done < count; ) {
      const free = BUFFER_BYTES - this.held
      const size = Math.min(free, count - done)
      const at = this.input + this.held
      put(this.kernel.bytes.subarray(at, at + size), done)
      done += size
      this.held += size
      if (this.held === BUFFER_BYTES) this.drain(false)
    }
    this.size += count
  }

  /**
   * Nothing more follows.
   * @throws Trouble with DELTA_INVALID if the tokens are not complete
   */
  end(): void {
    this.drain(true)
  }

  private drain(last: boolean): void {
    const { bytes, exports } = this.kernel
    if (!this.pack) {
      this.result.take(bytes.subarray(this.input, this.input + this.held))
      this.held = 0
      return
    }
    if (last) bytes.fill(0, this.input + this.held, this.input + this.held + MARGIN)
    let at = 0
    for (let isFull = true; isFull; ) {
      const status = exports.pack(this.input + at, this.held - at, this.output, OUTPUT, last ? 1 : 0)
      at += exports.packTook.value
      const made = exports.packMade.value
      this.result.take(bytes.subarray(this.output, this.output + made))
      if (status === STATUS.done) break
      if (status !== STATUS.more) throw deltaInvalid('the tokens of a gzip file', 'other bytes')
      isFull = made > OUTPUT - 2 * MARGIN
      if (last && !isFull) throw deltaInvalid('the tokens of a gzip file', 'an end in the middle')
    }
    bytes.copyWithin(this.input, this.input + at, this.input + this.held)
    this.held -= at
  }
}
