import { RECOVERY_KERNEL_WASM } from './kernel-wasm.js'

const PAGE = 65536
/** 512 MiB of addresses; only what is touched takes memory. */
const MAX_PAGES = 8192

/** Bytes that each thread needs for the tables of `multiply`. */
export const TABLES_BYTES = 256
/** Rows and inputs are worked on in groups of sixteen words. */
export const GROUP_BYTES = 32

export interface Product {
  rows: number
  rowStride: number
  rowCount: number
  inputs: number
  inputStride: number
  inputCount: number
  length: number
  /** One row's coefficients lie side by side, 16 bits each. */
  coefficients: number
  coefficientStride: number
}

interface Exports {
  base: WebAssembly.Global
  multiply(...numbers: number[]): void
  split(output: number, input: number, length: number): void
  join(output: number, input: number, length: number): void
}

/** Compiled once and handed to the workers, which then need not compile it again. */
export function compileKernel(): WebAssembly.Module {
  return new WebAssembly.Module(Buffer.from(RECOVERY_KERNEL_WASM, 'base64'))
}

/** A memory that all threads work in. */
export function makeMemory(size: number): WebAssembly.Memory {
  const pages = Math.ceil(size / PAGE)
  return new WebAssembly.Memory({ initial: Math.max(16, pages), maximum: MAX_PAGES, shared: true })
}

/** Multiplies and adds words of the field in a shared memory; all numbers are addresses, counts or bytes. */
export class Kernel {
  /** All of the memory. */
  readonly bytes: Buffer
  /** From here on the memory is free. */
  readonly base: number
  private readonly exports: Exports

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    const instance = new WebAssembly.Instance(module, { env: { memory } })
    this.exports = instance.exports as unknown as Exports
    this.base = align(Number(this.exports.base.value), 64)
    this.bytes = Buffer.from(memory.buffer)
  }

  /** Adds to each row the sum of the inputs times the row's coefficients. All of it is split. */
  multiply(product: Product, tables: number): void {
    this.exports.multiply(
      product.rows,
      product.rowStride,
      product.rowCount,
      product.inputs,
      product.inputStride,
      product.inputCount,
      product.length,
      product.coefficients,
      product.coefficientStride,
      tables,
    )
  }

  /** Parts the low bytes of each sixteen words from their high bytes. */
  split(output: number, input: number, length: number): void {
    this.exports.split(output, input, length)
  }

  /** Undoes `split`, in place where both addresses are the same. */
  join(output: number, input: number, length: number): void {
    this.exports.join(output, input, length)
  }
}

export function align(size: number, to: number): number {
  return Math.ceil(size / to) * to
}
