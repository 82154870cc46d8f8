import { ENCODERS_WASM } from './encoders-wasm.js'

const PAGE = 65536
/** 1 GiB: more than all slots of a worker; only what is touched takes memory. */
const MAX_PAGES = 16384

interface Exports {
  base: WebAssembly.Global
  xpress(input: number, size: number, output: number, depth: number, nice: number): number
  lzx(input: number, size: number, output: number, window: number, scratch: number): number
  lzxScratch(window: number): number
}

/** How hard XPRESS looks for matches: as small as other programs' default, in the least time. */
const XPRESS_DEPTH = 16
const XPRESS_NICE = 32

let compiled: WebAssembly.Module | undefined

/** Compiled once per process and handed to the workers, which then need not compile it again. */
export function compileEncoders(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(ENCODERS_WASM, 'base64'))
  return compiled
}

/** The encoders with a memory of their own, shared so that what a worker makes is written without a copy. */
export class Encoders {
  /** All of the memory. */
  readonly bytes: Buffer
  /** From here on the memory is free. */
  readonly base: number
  private readonly exports: Exports
  private readonly scratch: number

  /**
   * @param size bytes that are needed from `base` on
   * @param window the chunk size where LZX is to be written
   */
  constructor(module: WebAssembly.Module, size: number, window: number | undefined) {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared: true })
    const instance = new WebAssembly.Instance(module, { env: { memory } })
    this.exports = instance.exports as unknown as Exports
    this.scratch = align(Number(this.exports.base.value))
    this.base = align(this.scratch + (window === undefined ? 0 : this.exports.lzxScratch(window)))
    const missing = Math.ceil((this.base + size) / PAGE) - memory.buffer.byteLength / PAGE
    if (missing > 0) memory.grow(missing)
    this.bytes = Buffer.from(memory.buffer)
  }

  /** Compresses one chunk of at most 64 KiB; 0 where it would not become smaller. */
  xpress(input: number, size: number, output: number): number {
    return this.exports.xpress(input, size, output, XPRESS_DEPTH, XPRESS_NICE)
  }

  /** Compresses one chunk of at most the window that the constructor was told; 0 where it would not become smaller. */
  lzx(input: number, size: number, output: number, window: number): number {
    return this.exports.lzx(input, size, output, window, this.scratch)
  }
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64
}
