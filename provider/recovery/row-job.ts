import type { Hash } from 'node:crypto'
import { Kernel, type Product } from './kernel/kernel.js'
import type { Answers, Attach, Columns, Emit, Solve, SplitMultiply } from './order.js'
import { beginRecoveryHash } from './packet.js'
import { type Checkpoint, withFile, writeFully } from './steps.js'

/** A worker's part of the work on rows, in the memory that all share. */
export class RowJob {
  private readonly kernel: Kernel
  private readonly numbers: Int32Array
  /** Hashes of the rows that this worker writes, which go on from columns to columns. */
  private readonly hashes = new Map<number, Hash>()

  constructor({ module, memory }: Attach) {
    const shared = memory as WebAssembly.Memory
    this.kernel = new Kernel(module as WebAssembly.Module, shared)
    this.numbers = new Int32Array(shared.buffer)
  }

  multiply({ product, columns }: SplitMultiply, checkpoint: Checkpoint): undefined {
    this.eachColumn(product, columns, checkpoint, (offset, length) => {
      for (let i = 0; i < product.inputCount; i++)
        this.kernel.split(
          columns.scratch + i * length,
          product.inputs + i * product.inputStride + offset,
          length,
        )
      this.multiplyScratch(product, columns, offset, length)
    })
  }

  solve({ product, columns }: Solve, checkpoint: Checkpoint): undefined {
    const { bytes } = this.kernel
    this.eachColumn(product, columns, checkpoint, (offset, length) => {
      for (let i = 0; i < product.rowCount; i++) {
        const row = product.rows + i * product.rowStride + offset
        bytes.copyWithin(columns.scratch + i * length, row, row + length)
        bytes.fill(0, row, row + length)
      }
      this.multiplyScratch(product, columns, offset, length)
    })
  }

  emit({ rows, setId, last }: Emit, checkpoint: Checkpoint): Answers['emit'] {
    const md5s: [number, Uint8Array][] = []
    for (const { row, address, length, hashed, path, position } of rows) {
      checkpoint()
      this.kernel.join(address, address, Math.ceil(Math.max(length, hashed) / 32) * 32)
      const bytes = this.kernel.bytes.subarray(address, address + length)
      withFile(path, 'r+', (fd) => writeFully(fd, bytes, position))
      if (setId === undefined) continue
      const hash = this.hashes.get(row) ?? beginRecoveryHash(setId, row)
      hash.update(this.kernel.bytes.subarray(address, address + hashed))
      this.hashes.set(row, hash)
      if (last) md5s.push([row, hash.digest()])
    }
    return { md5s }
  }

  /** Takes columns until all are taken. They are small enough that the inputs stay in the processor's cache. */
  private eachColumn(
    { length }: Product,
    { counter, width }: Columns,
    checkpoint: Checkpoint,
    work: (offset: number, length: number) => void,
  ): void {
    for (;;) {
      checkpoint()
      const offset = Atomics.add(this.numbers, counter / 4, 1) * width
      if (offset >= length) return
      work(offset, Math.min(width, length - offset))
    }
  }

  private multiplyScratch(product: Product, columns: Columns, offset: number, length: number): void {
    this.kernel.multiply(
      {
        ...product,
        rows: product.rows + offset,
        inputs: columns.scratch,
        inputStride: length,
        length,
      },
      columns.tables,
    )
  }
}
