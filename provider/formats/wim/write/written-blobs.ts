import { Sha1Index } from '../read/sha1-index.js'
import { Numbers } from './columns.js'
import type { PartWriter } from './part-writer.js'

/** A resource of the WIM: a file's content once, or the metadata of an image. */
export interface WrittenBlob {
  readonly sha1: Buffer
  readonly part: PartWriter
  readonly offset: number
  readonly stored: number
  readonly size: number
  readonly compressed: boolean
}

/** The contents that were written, by their numbers in the order of the file. As columns: there may be millions. */
export class WrittenBlobs implements Iterable<WrittenBlob> {
  readonly hashes: Sha1Index
  private readonly parts: PartWriter[] = []
  private readonly partOf: Numbers
  private readonly offsets: Numbers
  /** Negative if it is compressed. */
  private readonly stored: Numbers
  private readonly sizes: Numbers
  /** How many streams of all images use each. */
  private readonly uses: Numbers

  /** @param most how many there may be */
  constructor(most: number) {
    this.hashes = new Sha1Index(most)
    this.partOf = new Numbers(most)
    this.offsets = new Numbers(most)
    this.stored = new Numbers(most)
    this.sizes = new Numbers(most)
    this.uses = new Numbers(most)
  }

  get count(): number {
    return this.hashes.size
  }

  /**
   * Adds one that is not there yet, and gives its number.
   * @param at where its hash is among the hashes
   */
  add(hashes: Buffer, at: number, place: Omit<WrittenBlob, 'sha1'>): number {
    const { part, offset, stored, size, compressed } = place
    if (this.parts.at(-1) !== part) this.parts.push(part)
    this.partOf.push(this.parts.length - 1)
    this.offsets.push(offset)
    this.stored.push(compressed ? -stored : stored)
    this.sizes.push(size)
    this.uses.push(0)
    part.blobs++
    return this.hashes.add(hashes, at)
  }

  /** Of all of them. */
  get bytes(): number {
    let sum = 0
    for (let number = 0; number < this.count; number++) sum += this.sizes.at(number)
    return sum
  }

  use(number: number): void {
    this.uses.set(number, this.uses.at(number) + 1)
  }

  references(number: number): number {
    return this.uses.at(number)
  }

  at(number: number): WrittenBlob {
    const stored = this.stored.at(number)
    return {
      sha1: this.hashes.at(number),
      part: this.parts[this.partOf.at(number)] as PartWriter,
      offset: this.offsets.at(number),
      stored: Math.abs(stored),
      size: this.sizes.at(number),
      compressed: stored < 0,
    }
  }

  *[Symbol.iterator](): Generator<WrittenBlob> {
    for (let number = 0; number < this.count; number++) yield this.at(number)
  }
}
