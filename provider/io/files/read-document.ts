import { closeSync, fstatSync, readSync } from 'node:fs'
import { type FileHandle, lstat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, hasCode, printable, type Side } from '../../../manifests/index.js'
import { lostLink } from './lost-link.js'
import { openRegular, openRegularSync } from './regular-file.js'
import { fromSystem, inWords } from './system-errors.js'

/** Opens a regular file to be read. @throws NOT_A_FILE, PATH_NOT_FOUND, PERMISSION_DENIED */
export async function openToRead(file: string, side: Side = 'source'): Promise<FileHandle> {
  return await inWords(`Opening ${file}`, side, () => openRegular(file))
}

/**
 * Reads a small file that comes from outside, of at most `limit` bytes.
 * @throws DOCUMENT_TOO_LARGE, NOT_A_FILE, PATH_NOT_FOUND, PERMISSION_DENIED
 */
export async function readDocument(file: string, limit: number, side: Side = 'source'): Promise<Buffer> {
  const handle = await openToRead(file, side)
  try {
    return await inWords(`Reading ${file}`, side, async () => {
      const { size } = await handle.stat()
      if (size > limit) throw tooLarge(file, limit, size, side)
      return await readAt(handle, 0, size)
    })
  } finally {
    await handle.close()
  }
}

/**
 * The same, or undefined where there is no such file. A link to what is not there is not taken for that: whoever has lost
 * what was written must not go on as if it had never been.
 * @throws PATH_NOT_FOUND for such a link
 */
export async function documentThere(
  file: string,
  limit: number,
  side: Side = 'source',
): Promise<Buffer | undefined> {
  return await readDocument(file, limit, side).catch((error) => {
    if (!hasCode(error, 'PATH_NOT_FOUND')) throw error
    const lost = lostLink(file)
    if (lost === undefined) return undefined
    throw new ContainerImageError(
      'PATH_NOT_FOUND',
      lost === path.resolve(file)
        ? `${printable(file)} is a link to what is not there.`
        : `${printable(file)} lies behind ${printable(lost)}, a link to what is not there.`,
      {
        side,
        expected: 'a file, or nothing at all',
        found: 'a link to what is not there',
        remedy: 'Mount the disk that the link leads to, or put the file where it was.',
        cause: error,
      },
    )
  })
}

/** The same, synchronously, for early reads that cannot wait. @throws as readDocument */
export function readDocumentSync(file: string, limit: number, side: Side = 'source'): Buffer {
  try {
    const fd = openRegularSync(file)
    try {
      const { size } = fstatSync(fd)
      if (size > limit) throw tooLarge(file, limit, size, side)
      return readAllSync(fd, size)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw fromSystem(error, `Reading ${file}`, side)
  }
}

/**
 * The same without errors, for what can be had elsewhere: undefined for a file that is not there, is too large, or cannot
 * be read. Of small files thousands are read in a run, and most are looked for in vain: synchronously that takes a tenth.
 */
export function documentIfReadable(file: string, limit: number): Buffer | undefined {
  try {
    const fd = openRegularSync(file)
    try {
      const { size } = fstatSync(fd)
      return size > limit ? undefined : readAllSync(fd, size)
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

function readAllSync(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let done = 0
  while (done < size) {
    const read = readSync(fd, bytes, done, size - done, done)
    if (read === 0) break
    done += read
  }
  return bytes.subarray(0, done)
}

/**
 * Whether a regular file has exactly these bytes; not true of a link, of anything else, or of something that
 * cannot be read.
 */
export async function holdsBytes(file: string, bytes: Uint8Array): Promise<boolean> {
  return await holdsPieces(file, [bytes])
}

/** The same for bytes that come in pieces; no more are requested after the first difference. */
export async function holdsPieces(file: string, pieces: Iterable<Uint8Array>): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined)
  if (!found?.isFile()) return false
  const handle = await openRegular(file).catch(() => undefined)
  if (!handle) return false
  try {
    let at = 0
    for (const piece of pieces) {
      if (at + piece.length > found.size || !(await readAt(handle, at, piece.length)).equals(piece))
        return false
      at += piece.length
    }
    return at === (await handle.stat()).size
  } catch {
    return false
  } finally {
    await handle.close()
  }
}

/** A file that grows in the meantime is read up to its old length; one that ends sooner gives less. */
async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, from + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

function tooLarge(file: string, limit: number, found: number, side: Side): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `${printable(file)} is too large.`, {
    side,
    expected: `at most ${limit} bytes`,
    found: `${found} bytes`,
  })
}
