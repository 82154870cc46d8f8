import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import { closeAll, closing } from '../io/closing/closing.js'
import { openToRead } from '../io/files/read-document.js'
import { fromSystem } from '../io/files/system-errors.js'
import type { Crew } from './crew.js'
import { coefficient } from './galois.js'
import { compileKernel, Kernel, makeMemory, type Product } from './kernel/kernel.js'
import type { Columns, EmittedRow } from './order.js'
import { layoutRows, type RowLayout } from './row-layout.js'

/** A slice that is added to the rows: multiplied by its base into each of them, or as it is into one. */
export interface SourceSlice {
  path: string
  /** In the file, in bytes. */
  position: number
  /** Bytes of the slice that the file has; the others are zeros. */
  length: number
  into: { base: number } | { row: number }
}

/** Where a finished row is written. */
export interface RowTarget {
  path: string
  position: number
  /** Bytes of it that are written. */
  length: number
}

export interface RowSums {
  sliceSize: number
  sources: SourceSlice[]
  /** One a row. */
  exponents: number[]
  targets: RowTarget[]
  /** A square matrix to multiply the rows with at the end, row by row. */
  matrix?: Uint16Array
  /** The set, where rows are recovery slices whose packets' hashes are wanted. */
  setId?: string
  signal?: AbortSignal
  /** Told how many bytes of the sources are worked in. */
  onBytes(count: number): void
}

/**
 * Multiplies all sources into all rows and writes these to their files. Each byte of the sources is read
 * once, in as many passes as it takes to keep the rows in bounded memory: a pass reads some columns.
 * @returns the MD5 of each row's packet, where a set was given
 * @throws CHANGED_MEANWHILE where a source is shorter than it was; INTERRUPTED
 */
export async function sumRows(crew: Crew, sums: RowSums): Promise<Uint8Array[]> {
  const work = new RowWork(crew, sums)
  await work.attach()
  for (let from = 0; from < sums.sliceSize; from += work.layout.width) await work.pass(from)
  return work.md5s
}

class RowWork {
  readonly layout: RowLayout
  readonly md5s: Uint8Array[] = []
  private readonly module = compileKernel()
  private readonly memory: WebAssembly.Memory
  private readonly bytes: Buffer

  constructor(
    private readonly crew: Crew,
    private readonly sums: RowSums,
  ) {
    const { sources, exponents, sliceSize, matrix } = sums
    const { base } = new Kernel(this.module, makeMemory(0))
    this.layout = layoutRows({
      base,
      rows: exponents.length,
      sources: sources.length,
      sliceSize,
      workers: crew.size,
      solved: matrix !== undefined,
    })
    this.memory = makeMemory(this.layout.end)
    this.bytes = Buffer.from(this.memory.buffer)
    if (matrix)
      this.bytes.set(new Uint8Array(matrix.buffer, matrix.byteOffset, matrix.byteLength), this.layout.matrix)
  }

  async attach(): Promise<void> {
    const { module, memory } = this
    await this.crew.all(() => ({ type: 'attach', module, memory }))
  }

  async pass(from: number): Promise<void> {
    const { rows, width, batch } = this.layout
    const { sources, exponents, sliceSize, matrix } = this.sums
    const length = Math.min(width, sliceSize - from)
    this.bytes.fill(0, rows, rows + exponents.length * width)
    let reading = this.read(0, from, length)
    for (let first = 0; first < sources.length; first += batch) {
      const product = await reading
      const working = this.share('multiply', product, this.layout.column)
      reading = this.read(first + batch, from, length)
      // Both are awaited: the first failure is thrown once nothing is in progress any more.
      const results = await Promise.allSettled([working, reading])
      for (const result of results) if (result.status === 'rejected') throw result.reason
      this.sums.onBytes(bytesIn(sources.slice(first, first + batch), from, length))
    }
    await reading
    if (matrix) await this.share('solve', this.solution(length), this.layout.solvedColumn)
    await this.emit(from, length)
  }

  /** Reads a batch of inputs, and makes their coefficients. */
  private async read(first: number, from: number, length: number): Promise<Product> {
    const { layout, sums } = this
    const sources = sums.sources.slice(first, first + layout.batch)
    const side = (first / layout.batch) % 2 === 0 ? 0 : 1
    throwIfAborted(sums.signal)
    const files = new Map<string, FileHandle>()
    const close = (): Promise<void> => closeAll(files.values())
    await closing(close, async () => {
      for (const { path } of sources) if (!files.has(path)) files.set(path, await openToRead(path))
      const reads = sources.map(async (source, i) => {
        const address = layout.inputs[side] + i * layout.width
        const target = this.bytes.subarray(address, address + layout.width)
        const wanted = Math.max(0, Math.min(length, source.length - from))
        target.fill(0, wanted)
        await readFully(files.get(source.path), target.subarray(0, wanted), source, from)
      })
      const results = await Promise.allSettled(reads)
      for (const result of results) if (result.status === 'rejected') throw result.reason
    })
    this.writeCoefficients(layout.coefficients[side], sources)
    return {
      ...this.rowsOf(length),
      inputs: layout.inputs[side],
      inputStride: layout.width,
      inputCount: sources.length,
      coefficients: layout.coefficients[side],
      coefficientStride: sources.length * 2,
    }
  }

  private writeCoefficients(address: number, sources: SourceSlice[]): void {
    const list = new Uint16Array(this.memory.buffer, address, sources.length * this.sums.exponents.length)
    let at = 0
    for (const [row, exponent] of this.sums.exponents.entries())
      for (const { into } of sources)
        list[at++] = 'base' in into ? coefficient(into.base, exponent) : Number(into.row === row)
  }

  private rowsOf(length: number): Pick<Product, 'rows' | 'rowStride' | 'rowCount' | 'length'> {
    const { rows, width } = this.layout
    return {
      rows,
      rowStride: width,
      rowCount: this.sums.exponents.length,
      length: Math.ceil(length / 32) * 32,
    }
  }

  private solution(length: number): Product {
    const count = this.sums.exponents.length
    return {
      ...this.rowsOf(length),
      ...{ inputs: 0, inputStride: 0, inputCount: count },
      coefficients: this.layout.matrix,
      coefficientStride: count * 2,
    }
  }

  private async share(type: 'multiply' | 'solve', product: Product, width: number): Promise<void> {
    const { layout } = this
    this.bytes.writeInt32LE(0, layout.counter)
    const [scratch, size] =
      type === 'solve' ? [layout.solveScratch, layout.solveScratchSize] : [layout.scratch, layout.scratchSize]
    await this.crew.all((number) => {
      const columns: Columns = {
        ...{ counter: layout.counter, width },
        scratch: scratch + number * size,
        tables: layout.tables + number * 256,
      }
      return { type, product, columns }
    })
  }

  /** Each row goes to the same worker in every pass: there its hash goes on. */
  private async emit(from: number, length: number): Promise<void> {
    const { rows, width } = this.layout
    const { targets, sliceSize, setId } = this.sums
    const emitted = targets.map(
      (target, row): EmittedRow => ({
        row,
        address: rows + row * width,
        length: Math.max(0, Math.min(length, target.length - from)),
        hashed: length,
        path: target.path,
        position: target.position + from,
      }),
    )
    const last = from + length === sliceSize
    const answers = await this.crew.all((number) => {
      const own = emitted.filter(({ row }) => row % this.crew.size === number)
      return { type: 'emit', rows: own, setId, last }
    })
    for (const { md5s } of answers) for (const [row, md5] of md5s) this.md5s[row] = md5
  }
}

function bytesIn(sources: SourceSlice[], from: number, length: number): number {
  return sources.reduce((sum, source) => sum + Math.max(0, Math.min(length, source.length - from)), 0)
}

async function readFully(
  file: FileHandle | undefined,
  target: Buffer,
  source: SourceSlice,
  from: number,
): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const answer = await file
      ?.read(target, done, target.length - done, source.position + from + done)
      .catch(reading(source.path))
    if (!answer?.bytesRead)
      throw new ContainerImageError('CHANGED_MEANWHILE', `${source.path} became shorter while it was read.`, {
        side: 'source',
      })
    done += answer.bytesRead
  }
}

function reading(path: string): (error: unknown) => never {
  return (error) => {
    throw fromSystem(error, `Reading ${path}`, 'source')
  }
}
