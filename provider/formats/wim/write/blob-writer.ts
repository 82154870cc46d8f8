import { createHash, type Hash } from 'node:crypto'
import { impossible, throwIfAborted } from '../../../../manifests/index.js'
import { chunkCount, tableEntrySize } from '../read/resource.js'
import type { EncodeAnswer, EncodeSetup, GatheredTask } from './encode-job.js'
import type { Slot, SlotEncoder } from './encode-pool.js'
import type { PartWriter } from './part-writer.js'
import type { PartsWriter } from './parts-writer.js'
import { fillWith, RunReader } from './run-reader.js'
import type { WimContent } from './source.js'

/** A resource of the WIM: a file's content once, or the metadata of an image. */
export interface WrittenBlob {
  /** Binary, as latin1 text: for tens of thousands of blobs that takes far less memory than buffers do. */
  readonly sha1: string
  readonly part: PartWriter
  readonly offset: number
  readonly stored: number
  readonly size: number
  readonly compressed: boolean
  /** How many streams of all images use it. */
  references: number
}

export interface BlobWriterOptions {
  signal?: AbortSignal | undefined
  onBytes?: (count: number) => void
}

/** More blobs than this in one task would make the others wait for it. */
const MAX_GATHERED = 256

interface Batch {
  slot: Slot
  contents: WimContent[]
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
  /** In the order of the file, by SHA-1 (binary, as latin1 text). */
  readonly blobs = new Map<string, WrittenBlob>()
  readonly blobOf = new Map<WimContent, WrittenBlob>()
  private readonly written: string[] = []
  private readonly toldWorker: number[] = []
  /** What was submitted is added here, in order. */
  private tail: Promise<void> = Promise.resolve()
  private failure: unknown
  private batch: Batch | undefined

  constructor(
    private readonly encoder: SlotEncoder,
    private readonly parts: PartsWriter,
    private readonly setup: EncodeSetup,
    private readonly options: BlobWriterOptions,
  ) {}

  /** Writes contents, none of them empty, in their order. */
  async writeAll(contents: readonly WimContent[]): Promise<void> {
    const sizes = new Map<number, number>()
    for (const { size } of contents) sizes.set(size, (sizes.get(size) ?? 0) + 1)
    for (const content of contents) {
      this.check()
      if (content.size <= this.setup.unitSize) await this.gather(content)
      else {
        this.flush()
        const twin = (sizes.get(content.size) ?? 0) > 1 ? await this.twinOf(content) : undefined
        if (twin) this.blobOf.set(content, twin)
        else await this.writeLarge(content)
      }
    }
    this.flush()
    await this.settled()
  }

  /** Writes the metadata of an image, which is always a resource of its own, into the first part. */
  async writeMetadata(bytes: Buffer): Promise<WrittenBlob> {
    const open = async function* () {
      yield bytes
    }
    let blob: WrittenBlob | undefined
    await this.writeRuns({ size: bytes.length, open }, this.parts.first, (written) => {
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

  private async gather(content: WimContent): Promise<void> {
    const open = this.batch
    if (open && (open.size + content.size > this.setup.unitSize || open.contents.length >= MAX_GATHERED))
      this.flush()
    this.batch ??= { slot: await this.encoder.slot(), contents: [], paths: [], places: [], size: 0 }
    const { batch } = this
    if (content.range) batch.places.push(pathIndex(batch, content.range.path), content.range.offset)
    else {
      await fillWith(batch.slot.input, batch.size, content)
      batch.places.push(-1, 0)
    }
    batch.places.push(content.size)
    batch.contents.push(content)
    batch.size += content.size
  }

  private flush(): void {
    const { batch } = this
    if (!batch) return
    this.batch = undefined
    const { slot, contents, paths } = batch
    const input = { paths, places: Float64Array.from(batch.places) }
    const known = this.written.slice(this.toldWorker[slot.worker] ?? 0)
    this.toldWorker[slot.worker] = this.written.length
    const task: GatheredTask = { kind: 'gathered', input, known }
    const answer = slot.run(task)
    this.enqueue(slot, async () => this.takeGathered(contents, slot, await answer))
  }

  /** Places the resources of a task; those that are back to back are written in one go. */
  private async takeGathered(
    contents: readonly WimContent[],
    slot: Slot,
    answer: EncodeAnswer,
  ): Promise<void> {
    if (answer.kind !== 'gathered') impossible('An answer to another question.')
    let at = 0
    let runStart = 0
    let run: { part: PartWriter; at: number } | undefined
    const writing: Promise<void>[] = []
    const endRun = () => {
      if (run && at > runStart) writing.push(run.part.write(slot.output.subarray(runStart, at), run.at))
      run = undefined
    }
    for (const [i, content] of contents.entries()) {
      const sha1 = answer.hashes[i] ?? ''
      const stored = answer.stored[i] ?? 0
      const twin = this.blobs.get(sha1)
      if (twin) {
        this.blobOf.set(content, twin)
        if (stored > 0) {
          endRun()
          at += stored
        }
        continue
      }
      if (stored < 0) impossible('A content was taken for one that is not there.')
      const part = await this.parts.partFor(stored)
      if (run?.part !== part) {
        endRun()
        run = undefined
      }
      if (!run) {
        run = { part, at: part.position }
        runStart = at
      }
      this.add(content, sha1, { part, offset: part.position, stored, compressed: stored < content.size })
      part.position += stored
      at += stored
    }
    endRun()
    await Promise.all(writing)
    this.options.onBytes?.(contents.reduce((sum, { size }) => sum + size, 0))
  }

  private add(
    content: WimContent,
    sha1: string,
    place: Pick<WrittenBlob, 'part' | 'offset' | 'stored' | 'compressed'>,
  ): void {
    const blob = { ...place, sha1, size: content.size, references: 0 }
    place.part.blobs++
    this.blobs.set(sha1, blob)
    this.blobOf.set(content, blob)
    this.written.push(sha1)
  }

  /**
   * Among contents of the same size, an equal one that was already written. Contents that can only be read
   * once are not compared.
   */
  private async twinOf({ range }: WimContent): Promise<WrittenBlob | undefined> {
    if (!range) return undefined
    const slot = await this.encoder.slot()
    let sha1 = ''
    try {
      const answer = await slot.run({ kind: 'hash', ...range })
      if (answer.kind === 'hash') sha1 = answer.hash
    } finally {
      slot.release()
    }
    await this.settled()
    const twin = this.blobs.get(sha1)
    if (twin) this.options.onBytes?.(range.size)
    return twin
  }

  private async writeLarge(content: WimContent): Promise<void> {
    await this.writeRuns(content, undefined, (written) => {
      const twin = this.blobs.get(written.sha1)
      // Only now it shows that it is already there: as nothing follows it yet, it is taken back.
      if (twin) {
        written.part.position = written.offset
        this.blobOf.set(content, twin)
      } else this.add(content, written.sha1, written)
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
      growing = this.begin(size, into ?? (await this.parts.partFor(0)))
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
    const sha1 = hash.digest().toString('latin1')
    if (stored === size) {
      const at = { part, offset: start + tableSize, stored, compressed: false }
      return { ...at, sha1, size, references: 0 }
    }
    if (tableSize > 0) await part.write(table, start)
    return { part, offset: start, stored: tableSize + stored, compressed: true, sha1, size, references: 0 }
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
