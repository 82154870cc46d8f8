import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { show } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import { memberName, unsafe } from './member-names.js'
import type { Member } from './members.js'
import { invalid, type ZipEnd } from './zip-end.js'

/** One member of a zip, as its directory describes it. */
export interface ZipEntry extends Member {
  /** The name's bytes, as both headers have them. */
  rawName: Buffer
  method: 'stored' | 'deflated'
  flags: number
  crc32: number
  /** In bytes, in the zip. */
  compressedSize: number
  /** Of the member's own header, from the start of the zip. */
  headerOffset: number
}

const ENCRYPTED = 0x0001
const PATCHED = 0x0020
const STRONG = 0x0040
const MASKED = 0x2000
const NAME_IS_UTF8 = 0x0800
export const HAS_DESCRIPTOR = 0x0008

const METHODS: Record<number, ZipEntry['method']> = { 0: 'stored', 8: 'deflated' }

/**
 * The members of a zip's directory, in its order. Only unzipper's reader of the directory is used: its
 * extraction checks no sum.
 * @throws ARCHIVE_INVALID, also for encrypted members; UNSAFE_NAME
 */
export async function zipEntries(
  file: FileHandle,
  path: string,
  size: number,
  end: ZipEnd,
): Promise<ZipEntry[]> {
  const files = await directoryOf(file, path, size, end)
  return files.map((file) => entryOf(file, path))
}

type DirectoryFile = Awaited<ReturnType<typeof directoryOf>>[number]

async function directoryOf(file: FileHandle, path: string, size: number, end: ZipEnd) {
  const { Open } = (await import('unzipper')).default
  const streams: Readable[] = []
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  const source = {
    size: async () => size,
    stream: (offset: number) => {
      const stream = Readable.from(bytesFrom(file, offset), { objectMode: false }).on('error', fail)
      streams.push(stream)
      return stream
    },
  }
  // It looks for the end in this many last bytes, and takes the first thing that looks like it.
  const options = { tailSize: size - end.recordOffset }
  const open = Open.custom as (from: typeof source, how: typeof options) => ReturnType<typeof Open.file>
  try {
    const directory = await Promise.race([open(source, options), failed])
    return await directory.files
  } catch (error) {
    throw invalid(path, 'has a directory of members that is damaged', 'its members', (error as Error).message)
  } finally {
    // It leaves them open.
    for (const stream of streams) stream.destroy()
  }
}

const PIECE = 64 * 1024

async function* bytesFrom(file: FileHandle, offset: number): Bytes {
  for (let position = offset; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function entryOf(file: DirectoryFile, archive: string): ZipEntry {
  if (file.signature !== 0x02014b50)
    throw invalid(archive, 'has a directory of members that is damaged', 'a header', 'something else')
  const name = nameOf(file)
  const shown = show(name)
  if (file.flags & (ENCRYPTED | STRONG | MASKED))
    throw invalid(archive, `holds ${shown} encrypted`, 'members that can be read', 'one behind a password')
  const method = METHODS[file.compressionMethod]
  if (!method || file.flags & PATCHED)
    throw invalid(
      archive,
      `holds ${shown} compressed in a way that is not supported`,
      'stored or deflated',
      `method ${file.compressionMethod}`,
    )
  const { crc32, compressedSize, uncompressedSize: size, offsetToLocalFileHeader: headerOffset } = file
  if (![compressedSize, size, headerOffset].every(Number.isSafeInteger) || file.diskNumber !== 0)
    throw invalid(archive, `has no place for ${shown}`, 'sizes and a place', 'numbers that mean nothing')
  if (method === 'stored' && compressedSize !== size)
    throw invalid(archive, `holds ${shown} stored with two sizes`, `${size} bytes`, `${compressedSize} bytes`)
  return {
    name: memberName(name, archive),
    kind: kindOf(file, name, archive),
    size,
    rawName: file.pathBuffer,
    method,
    flags: file.flags,
    crc32,
    compressedSize,
    headerOffset,
  }
}

/**
 * Old programs write names in whatever encoding the system had; the names in images are ASCII in all of them.
 */
function nameOf({ flags, pathBuffer }: DirectoryFile): string {
  const utf8 = pathBuffer.toString('utf8')
  return flags & NAME_IS_UTF8 || Buffer.from(utf8).equals(pathBuffer) ? utf8 : pathBuffer.toString('latin1')
}

const TYPE_BITS = 0o170000

/** Unix keeps its file type in the upper half of the attributes; other systems leave that empty. */
function kindOf(file: DirectoryFile, name: string, archive: string): Member['kind'] {
  const isFolder = name.endsWith('/')
  const type = (file.externalFileAttributes >>> 16) & TYPE_BITS
  if (type === 0o120000) return 'link'
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) throw unsafe(name, archive, 'a device')
  if (isFolder !== (type === 0o040000) && type !== 0)
    throw unsafe(name, archive, isFolder ? 'a file named as a folder' : 'a folder named as a file')
  if (isFolder && file.uncompressedSize > 0) throw unsafe(name, archive, 'a folder with bytes of its own')
  return isFolder ? 'folder' : 'file'
}
