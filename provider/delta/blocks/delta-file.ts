import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import {
  ContainerImageError,
  hasCode,
  type LayerDelta,
  LIMITS,
  parseLayerDelta,
  printLayerDelta,
} from '../../../manifests/index.js'
import type { FileRange } from '../../io/bytes.js'
import { openToRead } from '../../io/files/read-document.js'
import { fromSystem, inWords } from '../../io/files/system-errors.js'
import type { RawSegment } from './task.js'

/** A delta begins with this; then come the size of its document, 4 bytes, and the document. */
const MAGIC = Buffer.from('CIMGDLT1', 'latin1')
const FIRST = MAGIC.length + 4

/** Measured in docs/decisions/0010-block-deltas.md. */
const QUALITY = 5
const WINDOW_BITS = 22

const compress = promisify(brotliCompress)

export interface DeltaHead {
  delta: LayerDelta
  /** Where its segments are. */
  segments: FileRange
}

/**
 * The document of a delta: what it needs, and what it gives. The rest of the file is not looked at.
 * @throws DELTA_INVALID; the system's errors in our words
 */
export async function readDeltaHead(range: FileRange): Promise<DeltaHead> {
  const file = await openToRead(range.path)
  try {
    const first = await readPart(file, range, 0, FIRST)
    if (first.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0)
      throw invalid(range, "a delta's beginning", 'other bytes')
    const size = first.readUInt32LE(MAGIC.length)
    if (size > LIMITS.layerDeltaBytes)
      throw invalid(range, `a document of at most ${LIMITS.layerDeltaBytes} bytes`, `${size}`)
    const delta = parseHead(range, await readPart(file, range, FIRST, size))
    const start = FIRST + size
    const segments = { path: range.path, offset: range.offset + start, size: range.size - start }
    return { delta, segments }
  } finally {
    await file.close()
  }
}

async function readPart(file: FileHandle, range: FileRange, at: number, size: number): Promise<Buffer> {
  if (at + size > range.size) throw invalid(range, `${at + size} bytes`, `${range.size}`)
  const buffer = Buffer.alloc(size)
  const { bytesRead } = await inWords(`Reading ${range.path}`, 'source', () =>
    file.read(buffer, 0, size, range.offset + at),
  )
  if (bytesRead < size) throw invalid(range, `${at + size} bytes`, `${at + bytesRead}`)
  return buffer
}

function parseHead(range: FileRange, bytes: Uint8Array): LayerDelta {
  try {
    return parseLayerDelta(bytes)
  } catch (error) {
    if (!hasCode(error, 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE')) throw error
    throw new ContainerImageError('DELTA_INVALID', `${range.path}: ${error.message}`, {
      side: 'source',
      cause: error,
    })
  }
}

function invalid({ path }: FileRange, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('DELTA_INVALID', `${path} is not a delta of a layer.`, {
    side: 'source',
    expected,
    found,
  })
}

/** Writes a delta; its document is known only at the end, and is put into the space that is left for it. */
export class DeltaWriter {
  private position: number
  private under: Promise<void> = Promise.resolve()

  /** @param headSize in bytes, as `headBytes` gave it for a document of at least the same length */
  constructor(
    private readonly file: FileHandle,
    private readonly headSize: number,
  ) {
    this.position = headSize
  }

  /** The segment is compressed and appended after the earlier ones. */
  add({ operations, literals }: RawSegment): Promise<void> {
    // They are compressed side by side, but written in order.
    const packed = Promise.all([shrunk(operations), shrunk(literals)])
    packed.catch(() => {})
    this.under = this.under.then(async () => {
      const [packedOperations, packedLiterals] = await packed
      await this.write(
        segmentHead(packedOperations.length, operations.length, packedLiterals.length, literals.length),
      )
      await this.write(packedOperations)
      await this.write(packedLiterals)
    })
    return this.under
  }

  /** @returns how many bytes the delta has */
  async endSegments(): Promise<number> {
    await this.under
    await this.write(segmentHead(0, 0, 0, 0))
    return this.position
  }

  async writeHead(delta: LayerDelta): Promise<void> {
    this.position = 0
    await this.write(headBytes(delta, this.headSize))
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.file
        .write(bytes, done, bytes.length - done, this.position)
        .catch((error) => {
          throw fromSystem(error, 'Writing the delta', 'destination')
        })
      done += bytesWritten
      this.position += bytesWritten
    }
  }
}

/** @param size in bytes; blanks fill it up */
export function headBytes(delta: LayerDelta, size = 0): Uint8Array {
  const printed = printLayerDelta(delta)
  const document = Buffer.alloc(Math.max(printed.length, size - FIRST), ' ')
  document.set(printed)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(document.length)
  return Buffer.concat([MAGIC, length, document])
}

function segmentHead(...sizes: number[]): Uint8Array {
  const head = Buffer.alloc(16)
  for (const [i, size] of sizes.entries()) head.writeUInt32LE(size, 4 * i)
  return head
}

async function shrunk(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length === 0) return bytes
  return await compress(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
}
