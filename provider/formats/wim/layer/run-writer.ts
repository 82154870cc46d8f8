import { writeSync } from 'node:fs'
import { impossible } from '../../../../manifests/index.js'
import { headerSize, writeHeaders } from '../../../archives/members/pax-headers.js'
import { padded } from '../../../archives/members/tar-header.js'
import type { Writes } from '../read/decode-job.js'
import { isLast } from '../read/read-blobs.js'
import type { WimBlob } from '../read/resource-table.js'
import type { Piece } from '../read/stream-plan.js'
import type { Layout, membersOf } from './layout.js'
import type { Member } from './member.js'

/** Room for the headers of one unit, and for those behind them that come before the next unit's first content. */
const BUFFER_BYTES = 1 << 20
/**
 * Headers are handed over together with the contents around them, up to this many bytes; more are written
 * here.
 */
const MOST_HEADERS = BUFFER_BYTES - (BUFFER_BYTES >> 2)

/** What was written to the file with a unit. */
export interface WrittenUnit {
  /** Of contents, each as often as it stands there. */
  bytes: number
  /** Before this place the file is final. */
  finalUpTo: number
}

/** Shared memory is filled with these in one fast operation; filling with a number would go byte by byte. */
const ZEROS = Buffer.alloc(4096)

/**
 * Says where the contents of a run of members go: the decoders write them, each with the headers before it,
 * so that whatever comes in the order of the tar is one piece of the file. Anything out of order is written
 * to its place separately.
 */
export class RunWriter {
  /** Headers for the decoders up to `toldHeads`, then those before the next content; behind these are zeros. */
  private buffer = newBuffer()
  private toldHeads = 0
  private filled = 0
  /** Where in the file those before the next content begin. */
  private base: number
  /** The next content in the order of the tar that nobody was told to write. */
  private next = 0
  private readonly told: Uint8Array
  private readonly places: ReadonlyMap<WimBlob, number | number[]>
  /** What was asked for and is not written yet, in order. */
  private readonly underWay: { buffer: Buffer; used: number; unit: WrittenUnit }[] = []
  private readonly spare: Buffer[] = []

  constructor(
    private readonly fd: number,
    private readonly layout: Layout,
    private readonly members: ReturnType<typeof membersOf>,
  ) {
    this.base = layout.start
    this.told = new Uint8Array(layout.blobs.length)
    this.places = placesOf(layout.blobs)
    this.toNextContent(0)
  }

  /** All that has contents in the run. */
  get blobs(): Iterable<WimBlob> {
    return this.places.keys()
  }

  /** What is to be written of the next pieces. */
  writesOf(pieces: readonly Piece[]): Writes {
    const places: number[] = []
    let bytes = 0
    for (const piece of pieces)
      for (const index of this.placesOf(piece.blob)) {
        const { blob, at, size, from } = piece
        bytes += size
        if (index === this.next && size === blob.size) this.tell(places, at, size)
        else {
          places.push(this.positionOf(index) + from, 0, at, size)
          if (!isLast(piece)) continue
          this.told[index] = 1
        }
        while (this.told[this.next] === 1) this.tell(places, 0, 0)
      }
    return { heads: this.handOver(bytes), places: Float64Array.from(places) }
  }

  /** Called when the first of the requested units has been written. */
  written(): WrittenUnit {
    const first = this.underWay.shift() ?? impossible('More was written than was asked for.')
    first.buffer.fill(ZEROS, 0, first.used)
    this.spare.push(first.buffer)
    return first.unit
  }

  /**
   * Writes what comes after the last content; returns where the run ends.
   * @throws if a content never came, or the system refuses
   */
  end(): number {
    if (this.next < this.told.length) impossible('A content of the layer was not written.')
    this.flush()
    return this.base
  }

  private placesOf(blob: WimBlob): readonly number[] {
    const places = this.places.get(blob)
    return typeof places === 'number' ? [places] : (places ?? [])
  }

  private positionOf(content: number): number {
    return this.layout.positions[content] ?? 0
  }

  /**
   * The headers before the next content are written to the file, followed by this many bytes of it, unless
   * they are already there.
   */
  private tell(places: number[], at: number, size: number): void {
    if (this.filled > MOST_HEADERS) this.flush()
    const headSize = this.filled - this.toldHeads
    if (headSize + size > 0) places.push(this.base, headSize, at, size)
    this.toldHeads = this.filled
    const position = this.positionOf(this.next)
    if (position !== this.base + headSize) impossible('The headers of the layer are not as long as was said.')
    const { size: whole } = this.layout.blobs[this.next++] as WimBlob
    this.base = position + whole
    this.toNextContent(padded(whole) - whole)
  }

  /** Makes headers, after some zeros, up to and including those of the next member that has a content. */
  private toNextContent(zeros: number): void {
    this.filled += zeros
    for (let step = this.members.next(); !step.done; step = this.members.next()) {
      const { member, blob } = step.value
      const size = headerSize(member.records)
      if (this.filled + size > BUFFER_BYTES) this.flush()
      if (this.filled + size > BUFFER_BYTES) this.writeLarge(member, size)
      else this.filled = writeHeaders(this.buffer, this.filled, member.header, member.records)
      if (blob && blob.size > 0) return
    }
  }

  /**
   * Hands over the headers that the decoders were given; those before the next content move to another
   * buffer.
   */
  private handOver(bytes: number): Uint8Array {
    const { buffer, toldHeads, filled } = this
    const heads = buffer.subarray(0, toldHeads)
    this.underWay.push({ buffer, used: filled, unit: { bytes, finalUpTo: this.base } })
    this.buffer = this.spare.pop() ?? newBuffer()
    buffer.copy(this.buffer, 0, toldHeads, filled)
    this.filled -= toldHeads
    this.toldHeads = 0
    return heads
  }

  /** Names and attributes of one member may take more room than there is. */
  private writeLarge({ header, records }: Member, size: number): void {
    const bytes = Buffer.alloc(size)
    writeHeaders(bytes, 0, header, records)
    this.write(bytes)
  }

  private flush(): void {
    const { buffer, toldHeads, filled } = this
    this.write(buffer.subarray(toldHeads, filled))
    buffer.fill(ZEROS, toldHeads, filled)
    this.filled = toldHeads
  }

  private write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.fd, bytes, done, bytes.length - done, this.base + done)
    this.base += bytes.length
  }
}

/** Shared with the decoders: what is handed over is not copied, and comes back to be used again. */
function newBuffer(): Buffer {
  return Buffer.from(new SharedArrayBuffer(BUFFER_BYTES))
}

/** The places of each blob among the contents, by number: nearly all have one. */
function placesOf(blobs: readonly WimBlob[]): Map<WimBlob, number | number[]> {
  const places = new Map<WimBlob, number | number[]>()
  blobs.forEach((blob, index) => {
    const known = places.get(blob)
    if (known === undefined) places.set(blob, index)
    else if (typeof known === 'number') places.set(blob, [known, index])
    else known.push(index)
  })
  return places
}
