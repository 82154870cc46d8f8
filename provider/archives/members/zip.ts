import type { FileHandle } from 'node:fs/promises'
import { createInflateRaw, inflateRawSync } from 'node:zlib'
import { ContainerImageError, show, throwIfAborted } from '../../../manifests/index.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { closedAfter } from '../../io/closing/closing.js'
import { type PositionedReads, ReadAhead } from '../../io/files/read-ahead.js'
import { SharedFile } from '../../io/files/shared-file.js'
import { inWords } from '../../io/files/system-errors.js'
import { HARMLESS_BYTES, MOST_RATIO, through } from './compression.js'
import type { Member, Members } from './members.js'
import { damaged, summed } from './summed.js'
import { addOnce, indexOf } from './tar-index.js'
import { invalid, readAt, readZipEnd } from './zip-end.js'
import { zipEntries } from './zip-entries.js'
import { type PlacedEntry, placeEntries } from './zip-places.js'

/**
 * The members of a zip on disk. Stored ones are read and copied at their place; deflated ones are inflated
 * on the way. Bytes that are read from their beginning are compared with the member's CRC-32.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function zipMembers(path: string): Promise<Members> {
  const file = new SharedFile(path)
  const ahead = readingAhead(file)
  const index = await file
    .lend((lent) => indexZip(lent, path))
    .catch(async (error) => {
      throw await closedAfter(error, file)
    })
  return {
    label: path,
    forwardOnly: false,
    async find(name) {
      return index.get(name)
    },
    async list(): Promise<Member[]> {
      return [...index.values()]
    },
    async *read(name, options: ReadOptions = {}): Bytes {
      const entry = indexOf(index, name, path)
      yield* entry.method === 'stored'
        ? stored(file, entry, options)
        : inflated({ file, ahead }, entry, options)
    },
    async locate(name) {
      const entry = indexOf(index, name, path)
      const { method, offset, size, crc32 } = entry
      return method === 'stored' ? { path, offset, size, isShared: true, member: { name, crc32 } } : undefined
    },
    position: (name) => index.get(name)?.offset ?? 0,
    close: () => file.close(),
  }
}

async function indexZip(file: FileHandle, path: string): Promise<Map<string, PlacedEntry>> {
  const { size } = await file.stat()
  const end = await readZipEnd(file, size, path)
  const entries = await zipEntries(file, path, size, end)
  const index = new Map<string, PlacedEntry>()
  const names = new Map<string, string>()
  for (const entry of await placeEntries(file, entries, end, path)) {
    if (entry.name === '') continue
    refuseBomb(entry, path)
    addOnce(index, names, entry, path)
  }
  return index
}

function refuseBomb({ name, size, compressedSize }: PlacedEntry, archive: string): void {
  if (size <= HARMLESS_BYTES || size <= compressedSize * MOST_RATIO) return
  throw invalid(
    archive,
    `holds ${show(name)}, which grows beyond all measure when it is unpacked`,
    `at most ${MOST_RATIO} times its compressed size`,
    `${size} bytes of ${compressedSize}`,
  )
}

async function* stored(file: SharedFile, entry: PlacedEntry, options: ReadOptions): Bytes {
  const bytes = file.read(entry.offset, entry.size, options)
  // There is no checksum for bytes from the middle; whatever needs those has a digest.
  yield* (options.from ?? 0) > 0 ? bytes : summed(bytes, entry, file.path)
}

/** A zip that is open, and its small members, which mostly are read in their order. */
interface OpenZip {
  file: SharedFile
  ahead: PositionedReads
}

function readingAhead(file: SharedFile): ReadAhead {
  return new ReadAhead((buffer, position) =>
    file.lend((handle) =>
      inWords(`Reading ${file.path}`, 'source', async () => {
        return (await handle.read(buffer, 0, buffer.length, position)).bytesRead
      }),
    ),
  )
}

async function* inflated(zip: OpenZip, entry: PlacedEntry, { from = 0, signal }: ReadOptions): Bytes {
  const { path } = zip.file
  let skip = from
  for await (const chunk of summed(inflate(zip, entry, signal), entry, path)) {
    throwIfAborted(signal)
    if (skip < chunk.length) yield chunk.subarray(skip)
    skip = Math.max(0, skip - chunk.length)
  }
}

const CHUNK = 1024 * 1024

/** Up to this size a member is inflated at once: a stream for each costs more than the work on it. */
const SMALL = 64 * 1024

async function* inflate({ file, ahead }: OpenZip, entry: PlacedEntry, signal?: AbortSignal): Bytes {
  if (entry.size <= SMALL && entry.compressedSize <= SMALL) yield await inflateSmall(ahead, entry, file.path)
  else yield* inflateLarge(file.read(entry.offset, entry.compressedSize, { signal }), entry, file.path)
}

async function inflateSmall(file: PositionedReads, entry: PlacedEntry, archive: string): Promise<Uint8Array> {
  const bytes = await readAt(file, entry.offset, entry.compressedSize, archive)
  const { buffer, used } = inflatedAtOnce(bytes, entry, archive)
  if (used !== entry.compressedSize)
    throw damaged(entry, archive, `${entry.compressedSize} bytes in the zip`, `${used}`)
  return buffer
}

/** With `info`, Node also gives the decoder, which knows how much it has read; the types leave that out. */
function inflatedAtOnce(
  bytes: Buffer,
  entry: PlacedEntry,
  archive: string,
): { buffer: Buffer; used: number } {
  try {
    // One byte more than there should be is enough to see that there are too many.
    const options = { info: true, maxOutputLength: entry.size + 1, chunkSize: Math.max(64, entry.size + 1) }
    const { buffer, engine } = inflateRawSync(bytes, options) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    return { buffer, used: engine.bytesWritten }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw damaged(entry, archive, `${entry.size} bytes`, 'more')
    throw damaged(entry, archive, 'deflated bytes', message)
  }
}

async function* inflateLarge(raw: Bytes, entry: PlacedEntry, archive: string): Bytes {
  const decoder = createInflateRaw({ chunkSize: CHUNK })
  try {
    yield* through(raw, decoder)
  } catch (error) {
    if (error instanceof ContainerImageError || (error as Error).name === 'AbortError') throw error
    throw damaged(entry, archive, 'deflated bytes', (error as Error).message)
  }
  if (decoder.bytesWritten !== entry.compressedSize)
    throw damaged(entry, archive, `${entry.compressedSize} bytes in the zip`, `${decoder.bytesWritten}`)
}
