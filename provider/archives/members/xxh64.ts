/**
 * XXH64 with the seed 0, which zstd puts after its frames (RFC 8878, section 3.1.1; the algorithm is that of
 * github.com/Cyan4973/xxHash, doc/xxhash_spec.md). A number of 64 bits is two of 32 here: BigInt takes ten times as
 * long, and only the last steps, once a frame, use it.
 */
export class Xxh64 {
  /** Four lanes, each its lower and its upper half. */
  private readonly lanes = new Int32Array(8)
  private readonly stripe = new Uint8Array(STRIPE)
  private readonly halves = new DataView(this.stripe.buffer)
  private held = 0
  private total = 0n

  constructor() {
    ;[PRIME1 + PRIME2, PRIME2, 0n, -PRIME1].forEach((start, i) => {
      this.lanes[2 * i] = Number(BigInt.asIntN(32, start))
      this.lanes[2 * i + 1] = Number(BigInt.asIntN(32, start >> 32n))
    })
  }

  update(bytes: Uint8Array): void {
    this.total += BigInt(bytes.length)
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(STRIPE - this.held, bytes.length - at)
      this.stripe.set(bytes.subarray(at, at + taken), this.held)
      this.held += taken
      at += taken
      if (this.held === STRIPE) {
        this.mixStripe()
        this.held = 0
      }
    }
  }

  digest(): bigint {
    let hash = u64((this.total < STRIPE ? PRIME5 : this.merged()) + this.total)
    let at = 0
    for (; at + 8 <= this.held; at += 8) {
      hash ^= round(0n, this.halves.getBigUint64(at, true))
      hash = u64(rotated(hash, 27n) * PRIME1 + PRIME4)
    }
    for (; at + 4 <= this.held; at += 4) {
      hash ^= u64(BigInt(this.halves.getUint32(at, true)) * PRIME1)
      hash = u64(rotated(hash, 23n) * PRIME2 + PRIME3)
    }
    for (; at < this.held; at++) {
      hash ^= u64(BigInt(this.stripe[at] ?? 0) * PRIME5)
      hash = u64(rotated(hash, 11n) * PRIME1)
    }
    hash = u64((hash ^ (hash >> 33n)) * PRIME2)
    hash = u64((hash ^ (hash >> 29n)) * PRIME3)
    return hash ^ (hash >> 32n)
  }

  private mixStripe(): void {
    for (let i = 0; i < 8; i += 2)
      this.mixLane(i, this.halves.getInt32(i * 4, true), this.halves.getInt32(i * 4 + 4, true))
  }

  /** lane = rotated(lane + value * PRIME2, 31) * PRIME1 */
  private mixLane(i: number, low: number, high: number): void {
    const { lanes } = this
    const upper = timesHigh(low, high, PRIME2_LOW, PRIME2_HIGH)
    const before = lanes[i] as number
    const sumLow = (before + Math.imul(low, PRIME2_LOW)) | 0
    const carry = sumLow >>> 0 < before >>> 0 ? 1 : 0
    const sumHigh = ((lanes[i + 1] as number) + upper + carry) | 0
    const turnedLow = (sumLow << 31) | (sumHigh >>> 1)
    const turnedHigh = (sumHigh << 31) | (sumLow >>> 1)
    lanes[i] = Math.imul(turnedLow, PRIME1_LOW)
    lanes[i + 1] = timesHigh(turnedLow, turnedHigh, PRIME1_LOW, PRIME1_HIGH)
  }

  private merged(): bigint {
    const lanes = [0, 1, 2, 3].map((i) => this.lane(i)) as [bigint, bigint, bigint, bigint]
    const turns = [1n, 7n, 12n, 18n]
    let hash = u64(lanes.reduce((sum, lane, i) => sum + rotated(lane, turns[i] ?? 0n), 0n))
    for (const lane of lanes) hash = u64((hash ^ round(0n, lane)) * PRIME1 + PRIME4)
    return hash
  }

  private lane(i: number): bigint {
    const [low, high] = [this.lanes[2 * i] ?? 0, this.lanes[2 * i + 1] ?? 0]
    return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  }
}

const STRIPE = 32
const PRIME1 = 0x9e3779b185ebca87n
const PRIME2 = 0xc2b2ae3d27d4eb4fn
const PRIME3 = 0x165667b19e3779f9n
const PRIME4 = 0x85ebca77c2b2ae63n
const PRIME5 = 0x27d4eb2f165667c5n
const [PRIME1_LOW, PRIME1_HIGH] = [0x85ebca87 | 0, 0x9e3779b1 | 0]
const [PRIME2_LOW, PRIME2_HIGH] = [0x27d4eb4f | 0, 0xc2b2ae3d | 0]

/** The upper half of the product of two 64-bit numbers, each given as two halves. */
function timesHigh(low: number, high: number, otherLow: number, otherHigh: number): number {
  const [a0, a1, b0, b1] = [low & 0xffff, low >>> 16, otherLow & 0xffff, otherLow >>> 16]
  // No sum here is above 2^32 - 1.
  const middle = a1 * b0 + ((a0 * b0) >>> 16)
  const other = a0 * b1 + (middle & 0xffff)
  const carried = a1 * b1 + (middle >>> 16) + (other >>> 16)
  return (carried + Math.imul(low, otherHigh) + Math.imul(high, otherLow)) | 0
}

function round(lane: bigint, value: bigint): bigint {
  return u64(rotated(u64(lane + value * PRIME2), 31n) * PRIME1)
}

function rotated(value: bigint, by: bigint): bigint {
  return u64(value << by) | (value >> (64n - by))
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
