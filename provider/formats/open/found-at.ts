import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { ContainerImageError } from '../../../manifests/index.js'
import { compressionOf } from '../../archives/members/compression.js'
import { BLOCK } from '../../archives/members/tar-header.js'
import { isAge } from '../../encryption/header.js'
import { encrypted } from '../../encryption/identities.js'
import { kindInWords } from '../../io/files/regular-file.js'
import { SharedFile } from '../../io/files/shared-file.js'
import { fromSystem } from '../../io/files/system-errors.js'
import type { Found, FoundMembers, Place } from '../format.js'
import type { OpenOptions } from './open-options.js'
import { FORMATS } from './table.js'

/** As much as any format needs to be recognised: the first header of a tar. */
const START_BYTES = BLOCK

/**
 * What is at a path, according to the first format that recognises it.
 * @throws PATH_NOT_FOUND, ARCHIVE_UNKNOWN
 */
export async function foundAt(path: string, options: OpenOptions): Promise<Found> {
  const file = new SharedFile(path)
  try {
    const place = await placeAt(file)
    // If it could be decrypted, that was done earlier: only paths that the user named are decrypted, not an
    // archive beside one or in a list.
    if (isAge(place.start)) throw encrypted(path, [], 'none')
    for (const format of FORMATS) {
      const found = await format.at?.(place, options)
      if (found) return found
    }
    return tarAt(place, options)
  } finally {
    await file.close()
  }
}

/** Whatever is of no other format. */
function tarAt({ path, start }: Place, { signal }: OpenOptions): FoundMembers {
  return {
    around: 'archive',
    async members() {
      const kind = compressionOf(start)
      if (kind === 'none') return await (await import('../../archives/members/tar.js')).tarMembers(path)
      const { compressedTarMembers } = await import('../../archives/members/compressed-tar.js')
      return await compressedTarMembers(path, kind, signal)
    },
  }
}

async function placeAt(file: SharedFile): Promise<Place> {
  const { path } = file
  const inWords = (error: unknown): never => {
    throw fromSystem(error, `Opening ${path}`, 'source')
  }
  const stats = await stat(path).catch(inWords)
  const isFolder = stats.isDirectory()
  if (!isFolder && !stats.isFile()) throw noFile(path, stats)
  if (isFolder) return { path, isFolder, size: stats.size, start: new Uint8Array(0), file }
  const start = Buffer.alloc(START_BYTES)
  const { bytesRead } = await file.lend((lent) => lent.read(start, 0, start.length, 0)).catch(inWords)
  return { path, isFolder, size: stats.size, start: start.subarray(0, bytesRead), file }
}

/** A pipe would be waited for, and a device has no end. */
function noFile(path: string, found: Stats): ContainerImageError {
  const what = kindInWords(found)
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${path} is ${what}, not a file or a folder.`, {
    side: 'source',
    expected: 'a file or a folder',
    found: what,
    remedy: 'Write what comes out of it to a file first.',
  })
}
