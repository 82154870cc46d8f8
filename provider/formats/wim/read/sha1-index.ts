import { randomBytes } from 'node:crypto'

export const SHA1_SIZE = 20
const WORDS = SHA1_SIZE / 4

/**
 * Numbers SHA-1 hashes in the order in which they come. A hundred thousand of them are one piece of memory and
 * no objects.
 */
export class Sha1Index {
  /** How many there are. */
  size = 0
  private hashes: Buffer
  /** At the place that a hash leads to, its number plus 1; twice as many places as there are hashes, or more. */
  private places: Uint32Array
  /** Nobody can make contents whose hashes lead to the same places: the way there is another in each run. */
  private readonly factors = new Int32Array(new Uint8Array(randomBytes(SHA1_SIZE)).buffer)

  /** @param room for how many, if that is known */
  constructor(room = 64) {
    this.hashes = Buffer.alloc(Math.max(1, room) * SHA1_SIZE)
    this.places = new Uint32Array(2 ** Math.ceil(Math.log2(2 * Math.max(1, room))))
  }

  /** The number of a hash, -1 if it is not there. */
  find(bytes: Buffer, at: number): number {
    return (this.places[this.placeOf(bytes, at)] ?? 0) - 1
  }

  /** The number of a hash, which is added if it is not there. */
  add(bytes: Buffer, at: number): number {
    const place = this.placeOf(bytes, at)
    const known = (this.places[place] ?? 0) - 1
    if (known >= 0) return known
    if ((this.size + 1) * SHA1_SIZE > this.hashes.length) this.grow()
    bytes.copy(this.hashes, this.size * SHA1_SIZE, at, at + SHA1_SIZE)
    this.places[this.placeOf(bytes, at)] = ++this.size
    return this.size - 1
  }

  /** Those with a number of at least `from`, back to back. */
  since(from: number): Buffer {
    return this.hashes.subarray(from * SHA1_SIZE, this.size * SHA1_SIZE)
  }

  at(number: number): Buffer {
    return this.hashes.subarray(number * SHA1_SIZE, (number + 1) * SHA1_SIZE)
  }

  /** Where a hash is, or would go. */
  private placeOf(bytes: Buffer, at: number): number {
    const mask = this.places.length - 1
    let mixed = 0
    for (let i = 0; i < WORDS; i++)
      mixed += Math.imul(bytes.readInt32LE(at + 4 * i), (this.factors[i] ?? 0) | 1)
    let place = ((mixed ^ (mixed >>> 15)) >>> 0) & mask
    for (;;) {
      const number = (this.places[place] ?? 0) - 1
      if (number < 0) return place
      const there = number * SHA1_SIZE
      if (this.hashes.compare(bytes, at, at + SHA1_SIZE, there, there + SHA1_SIZE) === 0) return place
      place = (place + 1) & mask
    }
  }

  private grow(): void {
    const hashes = Buffer.alloc(2 * this.hashes.length)
    this.hashes.copy(hashes)
    this.hashes = hashes
    this.places = new Uint32Array(2 * this.places.length)
    for (let number = 0; number < this.size; number++)
      this.places[this.placeOf(this.hashes, number * SHA1_SIZE)] = number + 1
  }
}

/** The same memory: what another thread sends is no Buffer. */
export function inBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
