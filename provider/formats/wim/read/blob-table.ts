import type { WimBlob } from './resource-table.js'
import { SHA1_SIZE, Sha1Index } from './sha1-index.js'

/** Blobs by SHA-1, in the order in which they were added. The hashes are bytes: as texts, they would take more than all else. */
export class BlobTable {
  private readonly index: Sha1Index
  private readonly blobs: WimBlob[] = []
  private readonly hash = Buffer.alloc(SHA1_SIZE)

  /** @param room for how many, if that is known */
  constructor(room?: number) {
    this.index = new Sha1Index(room)
  }

  get size(): number {
    return this.blobs.length
  }

  get(sha1: string): WimBlob | undefined {
    if (!this.parse(sha1)) return undefined
    return this.blobs[this.index.find(this.hash, 0)]
  }

  has(sha1: string): boolean {
    return this.get(sha1) !== undefined
  }

  /** Adds a blob; of two with the same hash the first is kept, as all programs do. */
  add(blob: WimBlob): void {
    if (!this.parse(blob.sha1)) return
    const number = this.index.add(this.hash, 0)
    if (number === this.blobs.length) this.blobs.push(blob)
  }

  values(): IterableIterator<WimBlob> {
    return this.blobs.values()
  }

  private parse(sha1: string): boolean {
    return sha1.length === 2 * SHA1_SIZE && this.hash.write(sha1, 'hex') === SHA1_SIZE
  }
}
