import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { ContainerImageError, type Side } from '../../../manifests/index.js'
import { fromSystem } from './system-errors.js'

/** What a folder may hold where its owner is not known: more would only fill the memory. */
const MOST_ENTRIES = 1_000_000

/**
 * What is in a folder, in the order of the names.
 * @throws ARCHIVE_INVALID where it holds more than `most`; PATH_NOT_FOUND, PERMISSION_DENIED
 */
export async function listFolder(
  folder: string,
  side: Side = 'source',
  most = MOST_ENTRIES,
): Promise<Dirent[]> {
  try {
    const entries: Dirent[] = []
    for await (const entry of await opendir(folder, { bufferSize: 1024 })) {
      entries.push(entry)
      if (entries.length > most) throw tooMany(folder, most, side)
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    throw fromSystem(error, `Reading ${folder}`, side)
  }
}

function tooMany(folder: string, most: number, side: Side): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${folder} holds too many files.`, {
    side,
    expected: `at most ${most}`,
    found: 'more',
  })
}
