import { createHash, type Hash } from 'node:crypto'
import { impossible, throwIfAborted } from '../../../../manifests/index.js'
import { chunkCount, tableEntrySize } from '../read/resource.js'
import { inBuffer, SHA1_SIZE } from '../read/sha1-index.js'
import type { EncodeAnswer, EncodeSetup, GatheredTask } from './encode-job.js'
import type { Slot, SlotEncoder } from './encode-pool.js'
import type { MetadataBytes } from './metadata-bytes.js'
import type { PartWriter } from './part-writer.js'
import type { PartsWriter } from './parts-writer.js'
import { fillWith, RunReader } from './run-reader.js'
import type { WimContent } from './source.js'
import { type WrittenBlob, WrittenBlobs } from './written-blobs.js'

export interface BlobWriterOptions {
  signal?: AbortSignal | undefined
  onBytes?: (count: number) => void
}

/** More blobs than this in one task would make the others wait for it. */
const MAX_GATHERED = 256

interface Batch {
  slot: Slot
  /** The numbers of its contents. */
  numbers: number[]
  paths: string[]
  places: number[]
  size: number
}

/** A blob that is larger than a slot, while its runs come in. */
interface Growing {
  part: PartWriter
  start: number
  tableSize: number
  /** Where each chunk but the first begins, from the end of the table. */
  table: Buffer
  /** What one offset takes in the table. */
  entry: 4 | 8
  chunks: number
  stored: number
  hash: Hash
}

/**
 * Writes contents one after the other, each once. They are hashed and compressed on all cores and added in
 * the order in which they were submitted, so that the same contents always give the same bytes.
 */
export class BlobWriter {
  readonly blobs: WrittenBlobs
  /** By the number of a content, the number of its blob. */
  readonly blobOf: Uint32Array
  private readonly toldWorker: number[] = []
  /** What was submitted is added here, in order. */
  private tail: Promise<void> = Promise.resolve()
  private failure: unknown
  private batch: Batch | undefined

  constructor(
    private readonly encoder: SlotEncoder,
    private readonly parts: PartsWriter,
    private readonly setup: EncodeSetup,
    private readonly contents: readonly WimContent[],
    private readonly options: BlobWriterOptions,
  ) {
    this.blobs = new WrittenBlobs(contents.length)
    this.blobOf = new Uint32Array(contents.length)
  }

  /**
   * Writes all contents, none of them empty.
   * @param order their numbers, in the order in which they are read and written
   */
  async writeAll(order: Uint32Array): Promise<void> {
    const sizes = new Map<number, number>()
    for (const { size } of this.contents)
      if (size > this.setup.unitSize) sizes.set(size, (sizes.get(size) ?? 0) + 1)
    for (const number of order) {
      this.check()
      const content = this.contentAt(number)
      if (content.size <= this.setup.unitSize) await this.gather(number, content)
      else {
        this.flush()
        const twin = (sizes.get(content.size) ?? 0) > 1 ? await this.twinOf(content) : -1
        if (twin >= 0) this.blobOf[number] = twin
        else await this.writeLarge(number, content)
      }
    }
    this.flush()
    await this.settled()
  }

  /** Writes the metadata of an image, which is always a resource of its own, into the first part. */
  async writeMetadata(bytes: MetadataBytes): Promise<WrittenBlob> {
    let blob: WrittenBlob | undefined
    await this.writeRuns({ size: bytes.size, open: () => bytes.read() }, this.parts.first, (written) => {
      blob = written
    })
    await this.settled()
    return blob as unknown as WrittenBlob
  }

  /** Gives the work up; resolves when nothing is being written any more. */
  async abandon(reason: unknown): Promise<void> {
    this.failure ??= reason
    await this.tail
  }

  /** Resolves when all that was handed over has been written. */
  private async settled(): Promise<void> {
    await this.tail
    this.check()
  }

  private check(): void {
    throwIfAborted(this.options.signal)
    if (this.failure !== undefined) throw this.failure
  }

  /** Queues a task's result; results are added one after the other. */
  private enqueue(slot: Slot | undefined, take: () => Promise<void>): void {
    this.tail = this.tail.then(async () => {
      try {
        if (this.failure === undefined) await take()
      } catch (error) {
        this.failure ??= error
      } finally {
        slot?.release()
      }
    })
  }

  private contentAt(number: number): WimContent {
    return this.contents[number] ?? impossible('A content has a number that none has.')
  }

  private async gather(number: number, content: WimContent): Promise<void> {
    const open = this.batch
    if (open && (open.size + content.size > this.setup.unitSize || open.numbers.length >= MAX_GATHERED))
      this.flush()
    this.batch ??= { slot: await this.encoder.slot(), numbers: [], paths: [], places: [], size: 0 }
    const { batch } = this
    const { range } = content
    if (range) batch.places.push(pathIndex(batch, range.path), range.offset)
    else {
      await fillWith(batch.slot.input, batch.size, content)
      batch.places.push(-1, 0)
    }
    batch.places.push(content.size)
    batch.numbers.push(number)
    batch.size += content.size
  }

  private flush(): void {
    const { batch } = this
    if (!batch) return
    this.batch = undefined
    const { slot, numbers, paths } = batch
    const input = { paths, places: Float64Array.from(batch.places) }
    // A copy: another thread would get all of the memory that a part of it lies in.
    const known = new Uint8Array(this.blobs.hashes.since(this.toldWorker[slot.worker] ?? 0))
    this.toldWorker[slot.worker] = this.blobs.count
    const task: GatheredTask = { kind: 'gathered', input, known }
    const answer = slot.run(task)
    this.enqueue(slot, async () => this.takeGathered(numbers, slot, await answer))
  }

  /** Places the resources of a task; those that are back to back are written in one go. */
  private async takeGathered(numbers: readonly number[], slot: Slot, answer: EncodeAnswer): Promise<void> {
    if (answer.kind !== 'gathered') impossible('An answer to another question.')
    const hashes = inBuffer(answer.hashes)
    let at = 0
    let runStart = 0
    let bytes = 0
    let run: { part: PartWriter; at: number } | undefined
    const writing: Promise<void>[] = []
    const endRun = () => {
      if (run && at > runStart) writing.push(run.part.write(slot.output.subarray(runStart, at), run.at))
      run = undefined
    }
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] ?? 0
      const { size } = this.contentAt(number)
      const stored = answer.stored[i] ?? 0
      const twin = this.blobs.hashes.find(hashes, i * SHA1_SIZE)
      bytes += size
      if (twin >= 0) {
        this.blobOf[number] = twin
        if (stored > 0) {
          endRun()
          at += stored
        }
        continue
      }
      if (stored < 0) impossible('A content was taken for one that is not there.')
      const part = this.parts.partWithRoom(stored) ?? (await this.parts.nextPart())
      if (run?.part !== part) {
        endRun()
        run = undefined
      }
      if (!run) {
        run = { part, at: part.position }
        runStart = at
      }
      const place = { part, offset: part.position, stored, size, compressed: stored < size }
      this.blobOf[number] = this.blobs.add(hashes, i * SHA1_SIZE, place)
      part.position += stored
      at += stored
    }
    endRun()
    await Promise.all(writing)
    this.options.onBytes?.(bytes)
  }

  /**
   * Among contents of the same size, the number of an equal one that was already written; -1 if there is none. Contents that can only be read
   * once are not compared.
   */
  private async twinOf({ range }: WimContent): Promise<number> {
    if (!range) return -1
    const slot = await this.encoder.slot()
    let sha1: Buffer | undefined
    try {
      const answer = await slot.run({ kind: 'hash', ...range })
      if (answer.kind === 'hash') sha1 = inBuffer(answer.hash)
    } finally {
      slot.release()
    }
    await this.settled()
    const twin = sha1 ? this.blobs.hashes.find(sha1, 0) : -1
    if (twin >= 0) this.options.onBytes?.(range.size)
    return twin
  }

  private async writeLarge(number: number, content: WimContent): Promise<void> {
    await this.writeRuns(content, undefined, (written) => {
      const twin = this.blobs.hashes.find(written.sha1, 0)
      // Only now it shows that it is already there: as nothing follows it yet, it is taken back.
      if (twin >= 0) {
        written.part.position = written.offset
        this.blobOf[number] = twin
      } else this.blobOf[number] = this.blobs.add(written.sha1, 0, written)
    })
  }

  /** Submits a content run by run. `whole` is called with the resource when its last run has been added. */
  private async writeRuns(
    content: WimContent,
    into: PartWriter | undefined,
    whole: (blob: WrittenBlob) => void,
  ): Promise<void> {
    const { unitSize, compression } = this.setup
    const { size, range } = content
    const reader = range ? undefined : new RunReader(content)
    let growing: Growing | undefined
    this.enqueue(undefined, async () => {
      growing = this.begin(size, into ?? this.parts.partWithRoom(0) ?? (await this.parts.nextPart()))
    })
    try {
      for (let from = 0; from < size; from += unitSize) {
        this.check()
        const length = Math.min(unitSize, size - from)
        const slot = await this.encoder.slot()
        const place = range ? [0, range.offset + from, length] : [-1, 0, length]
        try {
          await reader?.fill(slot.input.subarray(0, length))
        } catch (error) {
          slot.release()
          throw error
        }
        const input = { paths: range ? [range.path] : [], places: Float64Array.from(place) }
        const answer = slot.run({ kind: 'chunks', input, compression })
        this.enqueue(slot, async () => this.takeRun(growing as Growing, slot, length, await answer, into))
      }
      await reader?.end()
    } finally {
      await reader?.close()
    }
    this.enqueue(undefined, async () => whole(await this.finish(growing as Growing, size)))
  }

  private begin(size: number, part: PartWriter): Growing {
    const plain = this.setup.compression === 'none'
    const entry = tableEntrySize(size)
    const tableSize = plain ? 0 : (chunkCount(size, this.setup.chunkSize) - 1) * entry
    const start = part.position
    part.position += tableSize
    const table = Buffer.alloc(tableSize)
    return { part, start, tableSize, table, entry, chunks: 0, stored: 0, hash: createHash('sha1') }
  }

  private async takeRun(
    growing: Growing,
    slot: Slot,
    length: number,
    answer: EncodeAnswer,
    into: PartWriter | undefined,
  ): Promise<void> {
    if (answer.kind !== 'chunks') impossible('An answer to another question.')
    const plain = this.setup.compression === 'none'
    let stored = 0
    for (const size of answer.sizes) {
      if (!plain && growing.chunks > 0) writeOffset(growing, growing.stored + stored)
      growing.chunks++
      stored += size
    }
    const { part } = growing
    if (!into && part.blobs > 0 && !this.parts.fits(part, stored)) {
      growing.part = await this.parts.moveOn(part, growing.start)
      growing.start = growing.part.position - growing.tableSize - growing.stored
    }
    growing.stored += stored
    const writing = growing.part.append((plain ? slot.input : slot.output).subarray(0, stored))
    growing.hash.update(slot.input.subarray(0, length))
    await writing
    this.options.onBytes?.(length)
  }

  /**
   * Ends a large resource. If no chunk became smaller, its bytes follow the place of the table as they are,
   * and are a resource without a table; the table's bytes are left unused, less than 0.02 % of it.
   */
  private async finish(growing: Growing, size: number): Promise<WrittenBlob> {
    const { part, start, tableSize, table, stored, hash } = growing
    const sha1 = hash.digest()
    if (stored === size) {
      const at = { part, offset: start + tableSize, stored, compressed: false }
      return { ...at, sha1, size }
    }
    if (tableSize > 0) await part.write(table, start)
    return { part, offset: start, stored: tableSize + stored, compressed: true, sha1, size }
  }
}

function writeOffset({ table, entry, chunks }: Growing, offset: number): void {
  const at = (chunks - 1) * entry
  if (entry === 8) table.writeBigUInt64LE(BigInt(offset), at)
  else table.writeUInt32LE(offset, at)
}

function pathIndex(batch: Batch, path: string): number {
  const index = batch.paths.lastIndexOf(path)
  return index >= 0 ? index : batch.paths.push(path) - 1
}
