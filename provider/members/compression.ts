import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import * as zlib from 'node:zlib'
import { ContainerImageError, interrupted } from '../../manifests/index.js'
import type { Bytes } from '../ports.js'
import { inFewBlocks } from './zstd-frames.js'

export type FileCompression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2'

const MAGIC: [FileCompression, number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
]

/** How a file is compressed, by its first bytes and not by its name. */
export function compressionOf(head: Uint8Array): FileCompression {
  for (const [kind, magic] of MAGIC) if (magic.every((byte, i) => head[i] === byte)) return kind
  return 'none'
}

/** The first bytes of a file, or of what begins in it at an offset. */
export async function readHead(path: string, count: number, offset = 0): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(count)
    const { bytesRead } = await file.read(buffer, 0, count, offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Output of 1 MiB at a time: gunzip runs at two and a half times the speed it has with Node's default of 16 KiB. */
const CHUNK = 1024 * 1024

/** A root filesystem shrinks to a third or a tenth; a thousandth is an attack on the disk and on patience. */
export const MOST_RATIO = 100
/** Below this no ratio hurts. */
export const HARMLESS_BYTES = 1024 * 1024 * 1024

/**
 * The uncompressed bytes.
 * @throws ARCHIVE_INVALID where the compressed bytes are damaged or cut short, or grow beyond all measure
 */
export async function* decompressed(bytes: Bytes, kind: FileCompression, label: string): Bytes {
  if (kind === 'none') {
    yield* bytes
    return
  }
  const source = new SourceErrors(bytes)
  try {
    let count = 0
    for await (const chunk of await decoderFor(kind, source.bytes(), label)) {
      count += chunk.length
      if (count > HARMLESS_BYTES && count > source.count * MOST_RATIO) throw bomb(label)
      yield chunk
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

function bomb(label: string): ContainerImageError {
  return new ContainerImageError(
    'ARCHIVE_INVALID',
    `${label} grows beyond all measure when it is unpacked.`,
    {
      side: 'source',
      expected: `at most ${MOST_RATIO} times its compressed size`,
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

async function decoderFor(kind: FileCompression, bytes: Bytes, label: string): Promise<Bytes> {
  if (kind === 'gzip') return through(bytes, zlib.createGunzip({ chunkSize: CHUNK }))
  if (kind === 'zstd') return await zstd(bytes)
  if (kind === 'xz') return await xz(bytes)
  throw new ContainerImageError(
    'ARCHIVE_UNKNOWN',
    `${label} is compressed with ${kind}, which is not supported.`,
    {
      expected: 'no compression, gzip, xz or zstd',
      found: kind,
      remedy: `Decompress it first, for example with \`bunzip2\`.`,
    },
  )
}

/** A stream asks for the next chunks before it is done with the last, so it gets its own. */
export async function* copies(bytes: Bytes): Bytes {
  for await (const chunk of bytes) yield Buffer.from(chunk)
}

/** Bytes as a decoder makes them, with back-pressure. */
export async function* through(bytes: Bytes, decoder: NodeJS.ReadWriteStream): Bytes {
  const input = Readable.from(copies(bytes), { objectMode: false, highWaterMark: CHUNK })
  input.on('error', (error) => (decoder as unknown as { destroy(e: Error): void }).destroy(error))
  input.pipe(decoder)
  try {
    for await (const chunk of decoder) yield chunk as Buffer
  } finally {
    input.destroy()
  }
}

/** Node has zstd of its own since 22.15; before that a native package does it, and where that is missing plain JavaScript. */
async function zstd(bytes: Bytes): Promise<Bytes> {
  const own = (zlib as { createZstdDecompress?: (options: object) => NodeJS.ReadWriteStream })
    .createZstdDecompress
  const blocks = inFewBlocks(bytes)
  if (own) return through(blocks, own({ chunkSize: CHUNK }))
  const native = await import('./zstd-native.js').catch(() => undefined)
  if (native) return through(blocks, native.nativeZstd())
  const { inJavaScript } = await import('./zstd-javascript.js')
  return inJavaScript(blocks)
}

async function xz(bytes: Bytes): Promise<Bytes> {
  const { xzDecoded } = await import('./xz.js')
  return xzDecoded(copies(bytes))
}
