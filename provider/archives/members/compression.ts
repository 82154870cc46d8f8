import type { Duplex } from 'node:stream'
import * as zlib from 'node:zlib'
import { ContainerImageError, interrupted } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import { openToRead } from '../../io/files/read-document.js'
import { freeMemory } from '../../io/free-memory.js'
import { beginsWithSkippableFrame, inFewBlocks } from './zstd-frames.js'

/** Compressions that are recognised but cannot be read, with the program that unpacks them. */
const UNREAD = {
  bzip2: 'bunzip2',
  lz4: 'unlz4',
  lzip: 'lzip -d',
  lzop: 'lzop -d',
  lzma: 'unlzma',
  compress: 'uncompress',
} as const

type Unread = keyof typeof UNREAD
export type FileCompression = 'none' | 'gzip' | 'xz' | 'zstd' | Unread

const MAGIC: [FileCompression, number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['lzip', [0x4c, 0x5a, 0x49, 0x50]],
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['compress', [0x1f, 0x9d]],
]

/** How a file is compressed, by its first bytes and not by its name. */
export function compressionOf(head: Uint8Array): FileCompression {
  for (const [kind, magic] of MAGIC) if (magic.every((byte, i) => head[i] === byte)) return kind
  return beginsWithSkippableFrame(head) ? 'zstd' : 'none'
}

/** The first bytes of a file, or of what begins in it at an offset. */
export async function readHead(path: string, count: number, offset = 0): Promise<Uint8Array> {
  const file = await openToRead(path)
  try {
    const buffer = Buffer.alloc(count)
    const { bytesRead } = await file.read(buffer, 0, count, offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * Output of 256 KiB at a time: gunzip runs at two and a half times the speed it has with Node's default of 16 KiB, and
 * with more no faster.
 */
const CHUNK = 256 * 1024

/**
 * A root filesystem shrinks to a third or a tenth; a thousandth is an attack on the disk and on the user's
 * patience.
 */
export const MOST_RATIO = 100
/** Below this no ratio hurts. */
export const HARMLESS_BYTES = 1024 * 1024 * 1024

export interface DecompressOptions {
  /** How much larger than the compressed bytes the uncompressed ones may be. */
  mostRatio?: number
  /** A layer: nothing may stand behind its compressed data, though gzip itself ignores zeros there, as tapes have them. */
  isLayer?: boolean
  /**
   * Whoever asks for the next chunk is done with the last: its memory is freed at once. A chunk that is kept beyond that
   * would be empty.
   */
  freesChunks?: boolean
}

/**
 * The uncompressed bytes.
 * @throws ARCHIVE_INVALID where the compressed bytes are damaged or cut short, or grow beyond all measure; LAYER_INVALID
 */
export async function* decompressed(
  bytes: Bytes,
  kind: FileCompression,
  label: string,
  { mostRatio = MOST_RATIO, isLayer = false, freesChunks = false }: DecompressOptions = {},
): Bytes {
  if (kind === 'none') {
    yield* bytes
    return
  }
  const source = new SourceErrors(bytes)
  try {
    let count = 0
    for await (const chunk of await decoderFor(kind, source, label, isLayer)) {
      count += chunk.length
      if (count > HARMLESS_BYTES && count > source.count * mostRatio) throw bomb(label, mostRatio)
      yield chunk
      // A chunk ends before its memory does where the decoder goes on in the rest of that.
      if (freesChunks && kind === 'gzip' && endsWithItsMemory(chunk)) freeMemory(chunk)
    }
  } catch (error) {
    if (source.failure !== undefined) throw source.failure
    if (error instanceof ContainerImageError) throw error
    if ((error as Error).name === 'AbortError') throw interrupted(error)
    throw new ContainerImageError('ARCHIVE_INVALID', `${label} is damaged or cut short.`, {
      side: 'source',
      expected: `${kind} data`,
      found: (error as Error).message,
      cause: error,
    })
  }
}

function endsWithItsMemory({ byteOffset, length, buffer }: Uint8Array): boolean {
  return buffer.byteLength === CHUNK && byteOffset + length === CHUNK
}

function bomb(label: string, mostRatio: number): ContainerImageError {
  return new ContainerImageError(
    'ARCHIVE_INVALID',
    `${label} grows beyond all measure when it is unpacked.`,
    {
      side: 'source',
      expected: `at most ${mostRatio} times its compressed size`,
      found: 'more',
      remedy: 'Do not trust it; if you know what is in it, decompress it first.',
    },
  )
}

/** Keeps apart what the source threw and what the decoder found, and counts what was read. */
class SourceErrors {
  failure: unknown
  /** In bytes. */
  count = 0

  constructor(private readonly source: Bytes) {}

  async *bytes(): Bytes {
    try {
      for await (const chunk of this.source) {
        this.count += chunk.length
        yield chunk
      }
    } catch (error) {
      this.failure = error
      throw error
    }
  }
}

type Known = 'gzip' | 'zstd' | 'xz'

async function decoderFor(
  kind: Exclude<FileCompression, 'none'>,
  source: SourceErrors,
  label: string,
  isLayer: boolean,
): Promise<Bytes> {
  const { [kind as Known]: decoder } = { gzip, zstd, xz }
  if (decoder) return await decoder(source.bytes(), label, isLayer)
  throw new ContainerImageError(
    'ARCHIVE_UNKNOWN',
    `${label} is compressed with ${kind}, which is not supported.`,
    {
      side: 'source',
      expected: 'no compression, gzip, xz or zstd',
      found: kind,
      remedy: `Decompress it first, for example with \`${UNREAD[kind as Unread]}\`.`,
    },
  )
}

async function* gzip(bytes: Bytes, label: string, isLayer: boolean): Bytes {
  const gunzip = zlib.createGunzip({ chunkSize: CHUNK })
  let given = 0
  async function* counted(): Bytes {
    for await (const chunk of bytes) {
      given += chunk.length
      yield chunk
    }
  }
  yield* through(counted(), gunzip)
  if (isLayer && given > gunzip.bytesWritten) throw bytesBehind(label, gunzip.bytesWritten)
}

/** Go's reader, which all engines have, takes what follows for another member, and fails. */
function bytesBehind(label: string, end: number): ContainerImageError {
  return new ContainerImageError('LAYER_INVALID', `${label} has bytes after the end of its gzip data.`, {
    side: 'source',
    expected: `its end at byte ${end}`,
    found: 'more bytes',
    remedy: 'Ask whoever made the image for a correct one: engines refuse this one, and a copy is the same.',
  })
}

/** A decoder that asks for the next chunks before it is done with the last gets its own. */
export async function* copies(bytes: Bytes): Bytes {
  for await (const chunk of bytes) yield Buffer.from(chunk)
}

/** Bytes as a decoder makes them, with back-pressure. */
export async function* through(bytes: Bytes, decoder: Duplex): Bytes {
  void feed(bytes, decoder)
  try {
    for await (const chunk of decoder) yield chunk as Buffer
  } finally {
    decoder.destroy()
  }
}

/**
 * Asks for the next chunk only when the decoder is done with the last, because the source may then reuse its
 * memory.
 */
async function feed(bytes: Bytes, decoder: Duplex): Promise<void> {
  try {
    for await (const chunk of bytes) {
      await taken(decoder, chunk)
      if (decoder.destroyed) return
    }
    decoder.end()
  } catch (error) {
    decoder.destroy(error as Error)
  }
}

/**
 * If the chunk is bad, the error comes out at the other end. What follows the end of the data is never taken.
 */
async function taken(decoder: Duplex, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      decoder.off('close', done)
      resolve()
    }
    decoder.once('close', done)
    decoder.write(chunk, done)
  })
}

/** Node has zstd of its own since 22.15; before that a native package does it, and where that is missing plain JavaScript. */
async function zstd(bytes: Bytes, label: string): Promise<Bytes> {
  const own = (zlib as { createZstdDecompress?: (options: object) => Duplex }).createZstdDecompress
  const blocks = inFewBlocks(bytes, label)
  if (own) return through(blocks, own({ chunkSize: CHUNK }))
  const { nativeZstd } = await import('./zstd-native.js')
  const native = await nativeZstd().catch(() => undefined)
  if (native) return through(blocks, native)
  const { inJavaScript } = await import('./zstd-javascript.js')
  return inJavaScript(blocks)
}

async function xz(bytes: Bytes): Promise<Bytes> {
  const { xzDecoded } = await import('./xz.js')
  return xzDecoded(copies(bytes))
}
