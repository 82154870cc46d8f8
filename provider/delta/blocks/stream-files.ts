import { throwIfAborted } from '../../../manifests/index.js'
import {
  compressionOf,
  decompressed,
  type FileCompression,
  readHead,
} from '../../archives/members/compression.js'
import type { Bytes, FileRange } from '../../io/bytes.js'
import { openNew } from '../../io/files/own-file.js'
import { readRange } from '../../io/files/read-range.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'

/** How the blob in a range is compressed, judging by its first bytes. */
export async function compressionIn(range: FileRange): Promise<FileCompression> {
  const head = await inWords(`Reading ${range.path}`, 'source', () => readHead(range.path, 6, range.offset))
  return compressionOf(head.subarray(0, range.size))
}

/**
 * The tar of a layer in a file: in place if it is already there, or decompressed into a new file.
 * @param most in bytes; if there are more, one byte more is the last
 * @throws ARCHIVE_INVALID, ARCHIVE_UNKNOWN, INTERRUPTED and the system's errors in our words
 */
export async function tarInFile(
  range: FileRange,
  into: string,
  signal?: AbortSignal,
  most = Number.POSITIVE_INFINITY,
): Promise<FileRange> {
  const compression = await compressionIn(range)
  if (compression === 'none') return range
  const file = await inWords(`Writing ${into}`, 'destination', () => openNew(into, 0o600))
  try {
    let size = 0
    await writeBytes(
      file,
      bounded(decompressed(readRange(range), compression, range.path), most, signal),
      0,
      (count) => {
        size += count
      },
    )
    return { path: into, offset: 0, size }
  } finally {
    await file.close()
  }
}

async function* bounded(bytes: Bytes, most: number, signal?: AbortSignal): Bytes {
  let left = most + 1
  for await (const chunk of bytes) {
    throwIfAborted(signal)
    yield left < chunk.length ? chunk.subarray(0, left) : chunk
    left -= chunk.length
    if (left <= 0) return
  }
}
