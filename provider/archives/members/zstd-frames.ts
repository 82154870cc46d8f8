import { ContainerImageError } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'

/** A block becomes at most this many bytes (RFC 8878, section 3.1.1.2.4). */
const BLOCK_BYTES = 128 * 1024
/** What the reference decoder takes unless told otherwise (`zstd -d` without `--long`). */
const WINDOW_LIMIT = 128 * 1024 * 1024
/** This many blocks are passed on at once: they become at most 1 MiB. */
const BLOCKS_AT_ONCE = (1024 * 1024) / BLOCK_BYTES

const MAGIC = 0xfd2fb528
/** The piece that each frame with data begins with; nothing else is this very array. */
export const FRAME_BEGINS = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)
/** Sixteen numbers stand for a frame without data; pzstd begins with one. */
const SKIPPABLE_MAGIC = 0x184d2a50

function isSkippable(magic: number): boolean {
  return magic >= SKIPPABLE_MAGIC && magic <= SKIPPABLE_MAGIC + 15
}

export function beginsWithSkippableFrame(head: Uint8Array): boolean {
  return head.length >= 4 && isSkippable(Buffer.from(head).readUInt32LE(0))
}

/**
 * Passes the frames of zstd data on in pieces of a few blocks each, and leaves those out that hold no data. A decoder
 * unpacks all that it is given at once, and a piece of 1 MiB can stand for 32 GiB. It also notices what the decoders
 * do not: data that ends inside a frame.
 * @throws Error where the data is cut short; ARCHIVE_INVALID where it asks for too much memory
 */
export async function* inFewBlocks(bytes: Bytes, label: string): Bytes {
  const frames = new Frames(label)
  for await (const chunk of bytes) {
    let from = 0
    let blocks = 0
    for (let at = 0; at < chunk.length; ) {
      const { taken, endsBlock, isMark, opensFrame } = frames.take(chunk, at)
      if (isMark && at > from) {
        yield chunk.subarray(from, at)
        blocks = 0
      }
      at += taken
      if (isMark) from = at
      if (opensFrame) yield FRAME_BEGINS
      if (endsBlock) blocks++
      if (blocks === BLOCKS_AT_ONCE || (at === chunk.length && at > from)) {
        yield chunk.subarray(from, at)
        from = at
        blocks = 0
      }
    }
  }
  if (!frames.atEnd) throw new Error('the last frame is cut short')
}

interface Taken {
  /** In bytes. */
  taken: number
  endsBlock: boolean
  /** These bytes are the number that a frame begins with, or belong to a frame without data. */
  isMark: boolean
  /** A frame with data begins behind it. */
  opensFrame: boolean
}

/** What comes next in the data. */
type Part = 'magic' | 'descriptor' | 'header' | 'block' | 'content' | 'checksum' | 'skip-size' | 'skip'

/** Follows the structure of zstd frames (RFC 8878, section 3) without unpacking them. */
class Frames {
  private part: Part = 'magic'
  /** Bytes of the part that are still to come. */
  private left = 4
  /** The bytes of the part so far, if they are examined. */
  private held: number[] = []
  private descriptor = 0
  private isLast = false

  constructor(private readonly label: string) {}

  /** Whether the data may end here. */
  get atEnd(): boolean {
    return this.part === 'magic' && this.held.length === 0
  }

  /** Reads on from a place in a chunk, to the end of a part or of the chunk. */
  take(chunk: Uint8Array, at: number): Taken {
    const { part } = this
    const taken = Math.min(this.left, chunk.length - at)
    if (this.part !== 'content' && this.part !== 'skip') this.held.push(...chunk.subarray(at, at + taken))
    this.left -= taken
    const endsBlock = part === 'content' && this.left === 0
    while (this.left === 0) this.next()
    return {
      taken,
      endsBlock,
      isMark: part === 'magic' || part === 'skip-size' || part === 'skip',
      opensFrame: part === 'magic' && this.part === 'descriptor',
    }
  }

  private next(): void {
    const value = this.held.reduceRight((sum, byte) => sum * 256 + byte, 0)
    const header = this.held
    this.held = []
    switch (this.part) {
      case 'magic':
        if (isSkippable(value)) this.expect('skip-size', 4)
        else if (value === MAGIC) this.expect('descriptor', 1)
        else throw new Error('other bytes where a frame begins')
        break
      case 'skip-size':
        this.expect('skip', value)
        break
      case 'descriptor':
        this.descriptor = value
        this.expect('header', headerSize(value))
        break
      case 'header':
        refuseLargeWindow(windowSize(this.descriptor, header), this.label)
        this.expect('block', 3)
        break
      case 'block': {
        this.isLast = (value & 1) === 1
        const isRun = ((value >> 1) & 3) === 1
        this.expect('content', isRun ? 1 : value >> 3)
        break
      }
      case 'content':
        if (!this.isLast) this.expect('block', 3)
        else this.expect('checksum', this.descriptor & 4)
        break
      case 'checksum':
      case 'skip':
        this.expect('magic', 4)
    }
  }

  private expect(part: Part, bytes: number): void {
    this.part = part
    this.left = bytes
  }
}

/** Whoever made it chose to need this much memory; nothing is damaged. */
function refuseLargeWindow(bytes: number, label: string): void {
  if (bytes <= WINDOW_LIMIT) return
  const inMiB = (count: number): string => `${Math.ceil(count / (1024 * 1024))} MiB`
  throw new ContainerImageError(
    'ARCHIVE_INVALID',
    `${label} is compressed with zstd so that unpacking it takes a window of ${inMiB(bytes)}.`,
    {
      side: 'source',
      expected: `a window of at most ${inMiB(WINDOW_LIMIT)}`,
      found: 'its window is too large',
      remedy:
        'Compress it again without `--long` and `--ultra`, or with at most `--long=27`: ' +
        '`zstd -d --long=31 -c OLD | zstd -c > NEW`.',
    },
  )
}

const DICTIONARY_ID_BYTES = [0, 1, 2, 4]
const CONTENT_SIZE_BYTES = [0, 2, 4, 8]

function isSingleSegment(descriptor: number): boolean {
  return (descriptor & 0x20) !== 0
}

function headerSize(descriptor: number): number {
  return (
    (isSingleSegment(descriptor) ? 0 : 1) +
    (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) +
    contentSizeBytes(descriptor)
  )
}

function contentSizeBytes(descriptor: number): number {
  const bytes = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0
  return bytes === 0 && isSingleSegment(descriptor) ? 1 : bytes
}

/** RFC 8878, section 3.1.1.1.2; of a single segment the window is the whole content. */
function windowSize(descriptor: number, header: number[]): number {
  if (isSingleSegment(descriptor))
    return header.slice(-contentSizeBytes(descriptor)).reduceRight((sum, byte) => sum * 256 + byte, 0)
  const [byte = 0] = header
  const base = 2 ** (10 + (byte >> 3))
  return base + (base / 8) * (byte & 7)
}
