import { writeSync } from 'node:fs'
import { padded } from '../../members/tar-header.js'
import type { WimBlob } from '../resource-table.js'
import type { membersOf, Placed } from './layout.js'
import { headerSize, writeHeaders } from './pax.js'

/** Contents up to this size are gathered with the headers around them; larger ones the decoders write themselves. */
export const GATHERED_CONTENT = 128 * 1024
const BUFFER_BYTES = 4 << 20

/**
 * Writes a run of members to its place in a file: the headers, and the small contents that come in the order of
 * the tar, in large pieces. What comes out of order goes to its place at once.
 */
export class RunWriter {
  private buffer = Buffer.alloc(BUFFER_BYTES)
  /** Where in the file the buffer begins, and how much of it is filled. */
  private base: number
  private filled = 0
  /** The next content in the order of the tar that is not there yet. */
  private next = 0
  private readonly there: Uint8Array

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

  /** @throws where a content never came */
  end(): void {
    if (this.next < this.contents.length) throw new Error('a content of the layer was not written')
    this.flush()
  }

  /** Passes over what is there already. */
  private advance(): void {
    while (this.next < this.contents.length && this.there[this.next] === 1) {
      const { blob, position } = this.contents[this.next] as Placed
      this.flush()
      this.base = position + padded(blob.size)
      this.ready(this.base)
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
    if (this.filled === 0) return
    writeAll(this.fd, this.buffer, this.filled, this.base)
    this.buffer.fill(0, 0, this.filled)
    this.base += this.filled
    this.filled = 0
    this.ready(this.base)
  }
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
