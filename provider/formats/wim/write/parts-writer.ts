import { ContainerImageError } from '../../../../manifests/index.js'
import type { Held } from '../../../io/files/durable.js'
import { PartWriter, partName } from './part-writer.js'

const MAX_PARTS = 65535
/** What one blob takes in the lookup table. */
const TABLE_ENTRY = 50

interface PartsForm {
  /** The most bytes of one part; a blob that is larger has a part of its own. */
  splitSize: number
  /** What every part holds beside resources, in bytes. */
  overhead: number
  /** What the part with the metadata, the first one, must keep free for it. */
  reserved: number
  lock: Held | undefined
}

/** The file, or the files of a split set, that the resources go to. */
export class PartsWriter {
  readonly parts: PartWriter[]

  constructor(
    private readonly target: string,
    private readonly form: PartsForm,
  ) {
    this.parts = [new PartWriter(target, 1, form.lock)]
  }

  get first(): PartWriter {
    return this.parts[0] as PartWriter
  }

  /** The part that a blob of this size goes to: the last one, undefined if it is full. */
  partWithRoom(size: number): PartWriter | undefined {
    const last = this.parts.at(-1) as PartWriter
    return this.fits(last, size) || last.blobs === 0 ? last : undefined
  }

  async nextPart(): Promise<PartWriter> {
    return await this.next(this.parts.at(-1))
  }

  /**
   * If a blob that is being written to the last part outgrows it: moves what there is of it to the next part.
   */
  async moveOn(part: PartWriter, start: number): Promise<PartWriter> {
    const next = await this.next()
    await part.moveTo(next, start)
    if (part !== this.first) await part.close()
    return next
  }

  fits(part: PartWriter, more: number): boolean {
    const { splitSize, overhead } = this.form
    const reserved = part === this.first || this.canChoose ? this.form.reserved : 0
    return sizeOf(part) + TABLE_ENTRY + more + overhead + reserved <= splitSize
  }

  /**
   * Makes the largest part the first, once all blobs are written. 7-Zip considers a set truncated if the last
   * part is larger than the first.
   */
  async putLargestFirst(): Promise<void> {
    const { first, parts } = this
    const largest = parts.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a))
    if (largest === first || !this.canChoose) return
    await first.swapWith(largest)
    this.parts.sort((a, b) => a.number - b.number)
  }

  /** If the metadata is small compared with a part, each keeps room for it. */
  private get canChoose(): boolean {
    return this.form.reserved <= this.form.splitSize / 8
  }

  private async next(full?: PartWriter): Promise<PartWriter> {
    if (full && full !== this.first) await full.close()
    const number = this.parts.length + 1
    if (number > MAX_PARTS)
      throw new ContainerImageError('USAGE', `A split WIM has at most ${MAX_PARTS} parts.`, {
        remedy: 'Choose a larger size for the parts.',
      })
    const part = new PartWriter(partName(this.target, number), number, this.form.lock)
    this.parts.push(part)
    return part
  }
}

/** Bytes of its resources, and what they take in its lookup table. */
function sizeOf(part: PartWriter): number {
  return part.position + part.blobs * TABLE_ENTRY
}
