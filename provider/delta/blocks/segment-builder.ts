import type { RawSegment } from './task.js'
import { VARINT_BYTES, withSign, writeVarint } from './varint.js'

/** The limits of a segment, in bytes before compression; part of the format. */
export const SEGMENT_LITERALS = 4 * 1024 * 1024
export const SEGMENT_OPERATIONS = 1024 * 1024

/**
 * Gathers operations: a number of literals, then a number of bytes copied from the base, at a position that counts from
 * the end of the previous copy. Copies that continue where the last one ended are merged with it.
 */
export class SegmentBuilder {
  copies = 0
  copied = 0
  literal = 0
  private operations = Buffer.allocUnsafe(SEGMENT_OPERATIONS)
  private literals = Buffer.allocUnsafe(SEGMENT_LITERALS)
  private operationsSize = 0
  private literalsSize = 0
  private pendingLiterals = 0
  private pendingCopy = 0
  private pendingFrom = 0
  private lastEnd = 0

  constructor(private readonly handOver: (segment: RawSegment) => void) {}

  addLiterals(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      if (this.pendingCopy > 0) this.endOperation()
      const count = Math.min(bytes.length - done, SEGMENT_LITERALS - this.literalsSize)
      bytes.copy(this.literals, this.literalsSize, done, done + count)
      this.literalsSize += count
      this.pendingLiterals += count
      this.literal += count
      done += count
      if (this.literalsSize === SEGMENT_LITERALS) this.flush()
    }
  }

  addCopy(from: number, size: number): void {
    this.copied += size
    if (this.pendingCopy > 0 && from === this.pendingFrom + this.pendingCopy) {
      this.pendingCopy += size
      return
    }
    if (this.pendingCopy > 0) this.endOperation()
    this.pendingFrom = from
    this.pendingCopy = size
  }

  flush(): void {
    this.endOperation()
    if (this.operationsSize === 0) return
    const operations = this.operations.subarray(0, this.operationsSize)
    const literals = this.literals.subarray(0, this.literalsSize)
    this.handOver({ operations: Uint8Array.from(operations), literals: Uint8Array.from(literals) })
    this.operationsSize = 0
    this.literalsSize = 0
  }

  private endOperation(): void {
    if (this.pendingLiterals === 0 && this.pendingCopy === 0) return
    let at = writeVarint(this.operations, this.operationsSize, this.pendingLiterals)
    at = writeVarint(this.operations, at, this.pendingCopy)
    if (this.pendingCopy > 0) {
      at = writeVarint(this.operations, at, withSign(this.pendingFrom - this.lastEnd))
      this.lastEnd = this.pendingFrom + this.pendingCopy
      this.copies++
    }
    this.operationsSize = at
    this.pendingLiterals = 0
    this.pendingCopy = 0
    if (this.operationsSize > SEGMENT_OPERATIONS - 3 * VARINT_BYTES) this.flush()
  }
}
