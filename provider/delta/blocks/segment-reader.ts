import { closeSync, readSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import type { FileRange } from '../../io/bytes.js'
import { openRegularSync } from '../../io/files/regular-file.js'
import { doing } from '../../io/threads/plain-failure.js'
import { deltaInvalid } from './delta-invalid.js'
import { SEGMENT_LITERALS, SEGMENT_OPERATIONS } from './segment-builder.js'
import type { RawSegment } from './task.js'

/** What comes before each segment: the sizes of its operations and literals, compressed and uncompressed. */
const SEGMENT_HEAD = 16
/** Brotli makes incompressible bytes larger by a few in each of its blocks. */
const COMPRESSED_MORE = 4096

/** Reads the segments of a delta, one after the other; each is limited before it is read. */
export class SegmentReader {
  private readonly fd: number
  private position: number
  private readonly end: number

  /** @param range begins after the head */
  constructor(private readonly range: FileRange) {
    this.fd = doing(`Reading ${range.path}`, 'source', () => openRegularSync(range.path))
    this.position = range.offset
    this.end = range.offset + range.size
  }

  /**
   * Returns undefined at the end.
   * @throws Trouble with DELTA_INVALID
   */
  next(): RawSegment | undefined {
    const head = this.read(SEGMENT_HEAD)
    const [packedOperations, operations, packedLiterals, literals] = [0, 4, 8, 12].map((at) =>
      head.readUInt32LE(at),
    ) as [number, number, number, number]
    if (packedOperations + operations + packedLiterals + literals === 0) {
      if (this.position === this.end) return undefined
      throw deltaInvalid('its end', `${this.end - this.position} bytes more`)
    }
    check('operations', packedOperations, operations, SEGMENT_OPERATIONS)
    check('literals', packedLiterals, literals, SEGMENT_LITERALS)
    if (operations === 0) throw deltaInvalid('operations', 'none')
    return {
      operations: unpacked(this.read(packedOperations), operations),
      literals: unpacked(this.read(packedLiterals), literals),
    }
  }

  close(): void {
    closeSync(this.fd)
  }

  private read(size: number): Buffer {
    if (size > this.end - this.position)
      throw deltaInvalid(`${size} bytes`, `an end after ${this.end - this.position}`)
    const target = Buffer.allocUnsafe(size)
    for (let done = 0; done < size; ) {
      const count = doing(`Reading ${this.range.path}`, 'source', () =>
        readSync(this.fd, target, done, size - done, this.position + done),
      )
      if (count === 0) throw deltaInvalid(`${size} bytes`, `an end after ${done}`)
      done += count
    }
    this.position += size
    return target
  }
}

function check(what: string, packed: number, plain: number, most: number): void {
  if (plain > most) throw deltaInvalid(`at most ${most} bytes of ${what}`, `${plain}`)
  if (packed > plain + COMPRESSED_MORE || (plain === 0) !== (packed === 0))
    throw deltaInvalid(`${plain} bytes of ${what}, compressed`, `${packed} bytes`)
}

/** Never makes more bytes than were announced. */
function unpacked(packed: Buffer, size: number): Uint8Array {
  if (size === 0) return packed
  let bytes: Buffer
  try {
    bytes = brotliDecompressSync(packed, { maxOutputLength: size })
  } catch (error) {
    throw deltaInvalid(`${size} bytes in brotli's format`, (error as Error).message)
  }
  if (bytes.length !== size) throw deltaInvalid(`${size} bytes`, `${bytes.length}`)
  return bytes
}
