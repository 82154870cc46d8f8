import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../manifests/index.js'
import { coefficient, inverse } from './galois.js'
import { align, compileKernel, GROUP_BYTES, Kernel, makeMemory, TABLES_BYTES } from './kernel/kernel.js'

/**
 * For sets as programs make them, no further attempts are needed; each costs as much as a whole inversion.
 */
const MOST_RESTARTS = 16

export interface Inverted {
  /** The recovery slices to use, in the order of the matrix's columns. */
  exponents: number[]
  /** One row per lost slice: what to multiply the recovery slices with to get it. */
  matrix: Uint16Array
}

/**
 * Chooses as many recovery slices as there are lost ones, such that their equations have one solution, and
 * inverts their matrix. PAR 2.0's equations are not always independent: then another slice is taken.
 * @param bases of the lost slices, as powers of two
 * @param available the exponents that there are, more or as many
 * @returns undefined where no solution was found
 */
export async function invert(
  bases: number[],
  available: number[],
  signal?: AbortSignal,
): Promise<Inverted | undefined> {
  const exponents = available.slice(0, bases.length)
  const spare = available.slice(bases.length)
  for (let restarts = 0; restarts <= MOST_RESTARTS; restarts++) {
    const matrix = new Matrix(bases, exponents)
    const dependent = await matrix.invert(signal)
    if (dependent === undefined) return { exponents, matrix: matrix.values() }
    const other = spare.shift()
    if (other === undefined) return undefined
    exponents[dependent] = other
  }
  return undefined
}

/** A square matrix in a memory of its own, inverted in place (Gauss and Jordan). */
class Matrix {
  private readonly kernel: Kernel
  private readonly count: number
  private readonly stride: number
  private readonly rows: number
  private readonly factors: number
  private readonly tables: number

  /** @param exponents is put into the order in which the rows are used */
  constructor(
    bases: number[],
    private readonly exponents: number[],
  ) {
    this.count = bases.length
    this.stride = align(this.count * 2, GROUP_BYTES)
    const size = (this.count + 3) * this.stride + TABLES_BYTES + 8192
    this.kernel = new Kernel(compileKernel(), makeMemory(size))
    this.tables = this.kernel.base
    this.factors = this.tables + TABLES_BYTES
    this.rows = align(this.factors + this.count * 2, 64)
    for (const [row, exponent] of exponents.entries())
      for (const [column, base] of bases.entries()) this.set(row, column, coefficient(base, exponent))
  }

  /** @returns the number of a row that depends on others, if there is one */
  async invert(signal?: AbortSignal): Promise<number | undefined> {
    let rested = Date.now()
    for (let column = 0; column < this.count; column++) {
      if (!this.bringPivot(column)) return column
      this.scalePivot(column)
      this.clearColumn(column)
      if (Date.now() - rested < 50) continue
      await setImmediate()
      throwIfAborted(signal)
      rested = Date.now()
    }
    return undefined
  }

  values(): Uint16Array {
    const { count, stride, kernel } = this
    const values = new Uint16Array(count * count)
    for (let row = 0; row < count; row++) {
      const address = this.rows + row * stride
      kernel.join(address, address, stride)
      for (let column = 0; column < count; column++)
        values[row * count + column] = kernel.bytes.readUInt16LE(address + column * 2)
    }
    return values
  }

  /** Changing two rows changes the order of the inverse's columns: that of the exponents. */
  private bringPivot(column: number): boolean {
    let pivot = column
    while (pivot < this.count && this.get(pivot, column) === 0) pivot++
    if (pivot === this.count) return false
    if (pivot === column) return true
    const [one, other] = [this.row(column), this.row(pivot)]
    const kept = Buffer.from(one)
    one.set(other)
    other.set(kept)
    const exponent = this.exponents[column] ?? 0
    this.exponents[column] = this.exponents[pivot] ?? 0
    this.exponents[pivot] = exponent
    return true
  }

  private scalePivot(column: number): void {
    const factor = inverse(this.get(column, column))
    this.set(column, column, 1)
    // A row times a factor is the row plus the row times one less.
    this.kernel.bytes.writeUInt16LE(factor ^ 1, this.factors)
    this.addRow(column, column, 1)
  }

  private clearColumn(column: number): void {
    for (let row = 0; row < this.count; row++) {
      const factor = row === column ? 0 : this.get(row, column)
      this.kernel.bytes.writeUInt16LE(factor, this.factors + row * 2)
      if (row !== column) this.set(row, column, 0)
    }
    this.addRow(column, 0, this.count)
  }

  /** Adds one row, times a factor each, to some. */
  private addRow(added: number, first: number, count: number): void {
    this.kernel.multiply(
      {
        rows: this.rows + first * this.stride,
        rowStride: this.stride,
        rowCount: count,
        inputs: this.rows + added * this.stride,
        inputStride: this.stride,
        inputCount: 1,
        length: this.stride,
        coefficients: this.factors,
        coefficientStride: 2,
      },
      this.tables,
    )
  }

  private row(number: number): Buffer {
    return this.kernel.bytes.subarray(
      this.rows + number * this.stride,
      this.rows + (number + 1) * this.stride,
    )
  }

  private get(row: number, column: number): number {
    const address = this.address(row, column)
    return (this.kernel.bytes[address] ?? 0) | ((this.kernel.bytes[address + 16] ?? 0) << 8)
  }

  private set(row: number, column: number, value: number): void {
    const address = this.address(row, column)
    this.kernel.bytes[address] = value & 0xff
    this.kernel.bytes[address + 16] = value >> 8
  }

  /** Rows are split: the low bytes of sixteen words stand before their high bytes. */
  private address(row: number, column: number): number {
    return this.rows + row * this.stride + (column >> 4) * GROUP_BYTES + (column & 15)
  }
}
