import type { Compression } from './compression.js'
import { DECODERS_WASM } from './decoders-wasm.js'

/** Bytes behind every input and output that the decoders may read or write beyond their end. */
export const SLACK = 64

const PAGE = 65536
/** 4 GiB: the most that a 32-bit memory can have; only what is touched takes memory. */
const MAX_PAGES = 65536

interface Exports {
  base: WebAssembly.Global
  xpress(input: number, inputSize: number, output: number, outputSize: number): number
  lzx(input: number, inputSize: number, output: number, outputSize: number, window: number): number
  lzms(input: number, inputSize: number, output: number, outputSize: number, window: number): number
}

/** LZMS reads its input from both ends: of a large input only this many bytes at each end are in memory. */
const WINDOW = 1 << 18
/** What expandFrom() needs for the input. */
export const WINDOWS_SIZE = 2 * WINDOW + 2 * SLACK

/** Puts bytes of an input, from an offset on, to a place in the memory; false where there are none. */
export type ReadInput = (to: number, offset: number, size: number) => boolean

let compiled: WebAssembly.Module | undefined

/** Compiled once per process and handed to the workers, which then need not compile it again. */
export function compileDecoders(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(DECODERS_WASM, 'base64'))
  return compiled
}

/**
 * The decoders with a memory of their own. The memory is shared, so that what a worker expands is seen
 * by the thread that started it without a copy.
 */
export class Decoders {
  /** From here on the memory is free for inputs and outputs. */
  readonly base: number
  private readonly memory: WebAssembly.Memory
  private readonly exports: Exports
  private view: Buffer
  private readInput: ReadInput = () => false

  constructor(module: WebAssembly.Module) {
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared: true })
    const read = (to: number, offset: number, size: number) =>
      this.readInput(to >>> 0, offset >>> 0, size >>> 0)
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory, read } })
    this.exports = instance.exports as unknown as Exports
    this.base = align(Number(this.exports.base.value))
    this.view = Buffer.from(this.memory.buffer)
  }

  /** All of the memory; a new object after reserve() had to enlarge it. */
  get bytes(): Buffer {
    return this.view
  }

  /** Makes the memory at least this large. RangeError where the machine has no more. */
  reserve(size: number): void {
    const missing = Math.ceil(size / PAGE) - this.memory.buffer.byteLength / PAGE
    if (missing <= 0) return
    this.memory.grow(missing)
    this.view = Buffer.from(this.memory.buffer)
  }

  /** Expands a chunk for which isWindowed() holds; `input` has room for WINDOWS_SIZE. False where it is damaged. */
  expandFrom(read: ReadInput, input: number, inputSize: number, output: number, outputSize: number): boolean {
    this.readInput = read
    return this.exports.lzms(input, inputSize, output, outputSize, WINDOW) !== 0
  }

  /** Expands one chunk to exactly `outputSize` bytes; false where it is damaged. */
  expand(
    compression: Compression,
    chunkSize: number,
    input: number,
    inputSize: number,
    output: number,
    outputSize: number,
  ): boolean {
    // A chunk that did not become smaller is stored as it was.
    if (inputSize === outputSize) {
      this.view.copyWithin(output, input, input + inputSize)
      return true
    }
    switch (compression) {
      case 'XPRESS':
        return this.exports.xpress(input, inputSize, output, outputSize) !== 0
      case 'LZX':
        return this.exports.lzx(input, inputSize, output, outputSize, chunkSize) !== 0
      case 'LZMS':
        return this.exports.lzms(input, inputSize, output, outputSize, 0) !== 0
      case 'none':
        return false
    }
  }
}

/** Whether an input is so large that it is better read while it is expanded. */
export function isWindowed(compression: Compression, inputSize: number): boolean {
  return compression === 'LZMS' && inputSize > 4 * WINDOW
}

export function align(address: number): number {
  return Math.ceil(address / 64) * 64
}
