import { write, writeSync } from 'node:fs'
import { impossible } from '../../../../manifests/index.js'
import { padded } from '../../../archives/members/tar-header.js'
import type { WimBlob } from '../read/resource-table.js'
import type { membersOf, Placed } from './layout.js'
import { headerSize, writeHeaders } from './pax.js'

/** Contents up to this size are gathered with the headers around them; larger ones the decoders write themselves. */
export const GATHERED_CONTENT = 128 * 1024
const BUFFER_BYTES = 2 << 20
/** Buffers that may be on their way to the file while another is filled. */
const SPARE_BUFFERS = 2

/**
 * Writes a run of members to its place in a file: the headers, and the small contents that come in the order of
 * the tar, in large pieces, which are written behind its back. What comes out of order goes to its place at once.
 */
export class RunWriter {
  private buffer: Buffer = Buffer.alloc(BUFFER_BYTES)
  /** Where in the file the buffer begins, and how much of it is filled. */
  private base: number
  private filled = 0
  /** The next content in the order of the tar that is not there yet. */
  private next = 0
  private readonly there: Uint8Array
  private readonly spare: Buffer[] = Array.from({ length: SPARE_BUFFERS }, () => Buffer.alloc(BUFFER_BYTES))
  /** What was handed to the system, in the order of the file. */
  private readonly underWay: { end: number; isDone: boolean }[] = []
  private readonly writing = new Set<Promise<void>>()
  private failure: unknown

  constructor(
    private readonly fd: number,
    start: number,
    private readonly members: ReturnType<typeof membersOf>,
    private readonly contents: readonly Placed[],
    private readonly ready: (upTo: number) => void,
  ) {
    this.base = start
    this.there = new Uint8Array(contents.length)
    this.toNextContent()
  }

  /** A content that the decoders have written to its places. */
  written(places: readonly number[]): void {
    for (const index of places) this.there[index] = 1
    this.advance()
  }

  /** A whole small content, for its places. */
  take(bytes: Buffer, places: readonly number[]): void {
    for (const index of places) {
      if (index === this.next) {
        this.append(bytes)
        this.next++
        this.toNextContent()
        this.advance()
      } else {
        const { position } = this.contents[index] as Placed
        writeAll(this.fd, bytes, bytes.length, position)
        this.there[index] = 1
      }
    }
  }

  /** Waits until everything is in the file. @throws where a content never came, or the system refuses */
  async end(): Promise<void> {
    if (this.next < this.contents.length) impossible('A content of the layer was not written.')
    this.flush()
    await this.settled()
    if (this.failure) throw this.failure
  }

  /** Until then the file must stay open. */
  async settled(): Promise<void> {
    await Promise.all(this.writing)
  }

  /** Passes over what is there already. */
  private advance(): void {
    while (this.next < this.contents.length && this.there[this.next] === 1) {
      const { blob, position } = this.contents[this.next] as Placed
      this.flush()
      this.base = position + padded(blob.size)
      this.finished({ end: this.base, isDone: true })
      this.next++
      this.toNextContent()
    }
  }

  /** Writes headers up to and with those of the next member that has a content. */
  private toNextContent(): void {
    for (let step = this.members.next(); !step.done; step = this.members.next()) {
      const { member, blob } = step.value
      this.makeRoom(headerSize(member.records))
      this.filled = writeHeaders(this.buffer, this.filled, member.header, member.records)
      if (blob && blob.size > 0) return
    }
  }

  private append(bytes: Buffer): void {
    const size = padded(bytes.length)
    this.makeRoom(size)
    bytes.copy(this.buffer, this.filled)
    this.filled += size
  }

  /** The buffer holds zeros wherever nothing was written, so that padding is there already. */
  private makeRoom(size: number): void {
    if (this.filled + size <= this.buffer.length) return
    this.flush()
    if (size > this.buffer.length) this.buffer = Buffer.alloc(size)
  }

  private flush(): void {
    if (this.failure) throw this.failure
    if (this.filled === 0) return
    const { buffer, filled, base } = this
    this.base += filled
    this.filled = 0
    const spare = this.spare.pop()
    if (spare) {
      this.buffer = spare
      this.hand(buffer, filled, base)
      return
    }
    writeAll(this.fd, buffer, filled, base)
    buffer.fill(0, 0, filled)
    this.finished({ end: this.base, isDone: true })
  }

  /** Writes on a thread of the pool, so that this one goes on with headers. */
  private hand(buffer: Buffer, size: number, position: number): void {
    const part = { end: position + size, isDone: false }
    this.underWay.push(part)
    const written = writeBehind(this.fd, buffer, size, position)
      .then(() => {
        buffer.fill(0, 0, size)
        this.spare.push(buffer)
        part.isDone = true
        this.tell()
      })
      .catch((error) => {
        this.failure ??= error
      })
      .finally(() => this.writing.delete(written))
    this.writing.add(written)
  }

  private finished(part: { end: number; isDone: boolean }): void {
    this.underWay.push(part)
    this.tell()
  }

  /** Whoever reads behind is told of what is there without a gap. */
  private tell(): void {
    for (let first = this.underWay[0]; first?.isDone; first = this.underWay[0]) {
      this.underWay.shift()
      this.ready(first.end)
    }
  }
}

async function writeBehind(fd: number, bytes: Buffer, size: number, position: number): Promise<void> {
  for (let done = 0; done < size; )
    done += await new Promise<number>((resolve, reject) => {
      write(fd, bytes, done, size - done, position + done, (error, count) => {
        if (error) reject(error)
        else resolve(count)
      })
    })
}

/** The places of each blob among the contents, by number. */
export function placesOf(contents: readonly Placed[]): Map<WimBlob, number[]> {
  const places = new Map<WimBlob, number[]>()
  contents.forEach(({ blob }, index) => {
    const known = places.get(blob)
    if (known) known.push(index)
    else places.set(blob, [index])
  })
  return places
}

function writeAll(fd: number, bytes: Buffer, size: number, position: number): void {
  for (let done = 0; done < size; ) done += writeSync(fd, bytes, done, size - done, position + done)
}
