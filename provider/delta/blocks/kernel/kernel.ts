const PAGE = 65536
/** 1 GiB of addresses; only pages that are used take memory. */
const MAX_PAGES = 16384

/** What a step of the kernel returns; the numbers are those of assembly/status.ts. */
export const STATUS = { more: 0, done: 1, damaged: 2, cutShort: 3, unusual: 4 } as const

/** A variable of the kernel. */
interface Cell {
  readonly value: number
}

interface Exports {
  base: Cell
  unpackTook: Cell
  unpackMade: Cell
  packTook: Cell
  packMade: Cell
  startUnpack(): void
  unpack(input: number, inputSize: number, output: number, outputSize: number, last: number): number
  startPack(): void
  foundCount: Cell
  startMatch(
    table: number,
    slots: number,
    rarity: number,
    pageTable: number,
    pageBits: number,
    baseSize: bigint,
    found: number,
  ): void
  addBase(at: number, size: number, position: bigint): void
  match(from: number, size: number): void
  moveMatch(by: bigint): void
  pack(input: number, inputSize: number, output: number, outputSize: number, last: number): number
}

/** This many bytes must be readable after an input, and an output must have room for twice as many. */
export const MARGIN = 8192

/** The compiled code with its own memory. */
export class Kernel {
  readonly exports: Exports
  /** All of the memory. */
  readonly bytes: Buffer
  private free: number

  /**
   * @param module what `compileKernel` gave
   * @param size bytes that will be taken
   * @param loadPage called by `match` for a page of the base that is not in memory
   */
  constructor(module: WebAssembly.Module, size: number, loadPage: (page: number) => number = () => 0) {
    const memory = new WebAssembly.Memory({
      initial: Math.ceil(size / PAGE) + 16,
      maximum: MAX_PAGES,
      shared: true,
    })
    const instance = new WebAssembly.Instance(module, { env: { memory, loadPage } })
    this.exports = instance.exports as unknown as Exports
    this.bytes = Buffer.from(memory.buffer)
    this.free = this.exports.base.value
  }

  /** The address of this many bytes that nobody else has. */
  take(size: number): number {
    const address = Math.ceil(this.free / 64) * 64
    this.free = address + size
    if (this.free > this.bytes.length) throw new RangeError('the kernel has no memory left')
    return address
  }
}
