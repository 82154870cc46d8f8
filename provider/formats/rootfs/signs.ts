import { ContainerImageError, show } from '../../../manifests/index.js'
import { compressionOf, decompressed, type FileCompression } from '../../archives/members/compression.js'
import { type Cursor, fileCursor, streamCursor } from '../../archives/members/cursor.js'
import { type Mistaken, mistakenFor, TELLING_BYTES } from '../../archives/members/mistaken.js'
import { tarEntries } from '../../archives/members/tar-entries.js'
import { BLOCK, parseTarHeader } from '../../archives/members/tar-header.js'
import type { SharedFile } from '../../io/files/shared-file.js'

/** What is at the root of a Linux system (FHS 3.0, section 3) and of a Windows base layer. */
const ROOT_FOLDERS = new Set(
  (
    'bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var ' +
    'Files UtilityVM Hives'
  ).split(' '),
)

/** How an archive of images begins: files of a layout or a docker archive, folders named by a digest. */
const ARCHIVE_SIGNS =
  /^(oci-layout|index\.json|manifest\.json|repositories|blobs|ingest|sha256:.*|[0-9a-f]{64}.*)$/
/** Folders from which people pack things together with the path to them. */
const PACKED_WITH = new Set('home root mnt media opt srv tmp var'.split(' '))
/** If none of a system's folders is among this many names, it is not a system. */
const LOOK_AT = 1000

/**
 * Whether a file is the tarball of a root filesystem, by the first name in it that decides.
 * @throws ARCHIVE_UNKNOWN where it is not a tar at all
 */
export async function looksLikeRootfs(
  file: SharedFile,
  kind: FileCompression,
  { offset, size }: { offset: number; size: number },
  signal?: AbortSignal,
): Promise<boolean> {
  const { path } = file
  if (kind === 'none')
    return await file.lend((lent) => decide(fileCursor(path, { offset, size }, lent), path, kind))
  const cursor = streamCursor(decompressed(file.read(offset, size, { signal }), kind, path))
  try {
    return await decide(cursor, path, kind)
  } finally {
    await cursor.close()
  }
}

async function decide(cursor: Cursor, path: string, kind: FileCompression): Promise<boolean> {
  const first = await cursor.take(BLOCK)
  if (!parseTarHeader(first)) {
    const more = await cursor.take(TELLING_BYTES - first.length)
    throw noTar(path, Buffer.concat([first, more]), kind)
  }
  let position = 0
  const again: Cursor = {
    get position() {
      return position
    },
    async take(count) {
      const bytes = position === 0 && count === BLOCK ? first : await cursor.take(count)
      position += bytes.length
      return bytes
    },
    async skip(count) {
      position += count
      return await cursor.skip(count)
    },
    close: () => cursor.close(),
  }
  let looked = 0
  for await (const entry of tarEntries(again, path)) {
    const name = entry.rawName.replace(/^(\.\/)+/, '')
    const top = name.split('/')[0] ?? ''
    if (PACKED_WITH.has(top) && ++looked <= LOOK_AT) {
      // Something packed with its path shows what it is by its first file.
      if (entry.kind === 'folder') continue
      return !name.split('/').some((part) => ARCHIVE_SIGNS.test(part))
    }
    if (ROOT_FOLDERS.has(top)) return true
    if (ARCHIVE_SIGNS.test(top) || ++looked > LOOK_AT) return false
  }
  return false
}

function noTar(path: string, head: Uint8Array, kind: FileCompression): ContainerImageError {
  const mistaken = compressedTwice(head, kind) ?? mistakenFor(head)
  const begins = `bytes that begin with ${show(Buffer.from(head.subarray(0, 8)).toString('hex'))}`
  const message = mistaken ? `${path} is ${mistaken.what}.` : `${path} is not an archive that can be read.`
  return new ContainerImageError('ARCHIVE_UNKNOWN', message, {
    side: 'source',
    expected: 'a tar, plain or compressed with gzip, xz or zstd',
    found: head.length === 0 ? 'an empty file' : (mistaken?.what ?? begins),
    ...(mistaken ? { remedy: mistaken.remedy } : {}),
  })
}

const UNPACKED_WITH: Partial<Record<FileCompression, string>> = { gzip: 'gunzip', xz: 'unxz', zstd: 'unzstd' }

function compressedTwice(head: Uint8Array, outer: FileCompression): Mistaken | undefined {
  const inner = compressionOf(head)
  if (outer === 'none' || inner === 'none') return undefined
  return {
    what: `compressed twice: ${inner} data within ${outer} data`,
    remedy: `Unpack it once, with \`${UNPACKED_WITH[outer]}\`, and give that.`,
  }
}
