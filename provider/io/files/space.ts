import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { sizeInWords } from './sizes.js'

/** Room left for the file system's own records and for what others write meanwhile. */
const RESERVE_BYTES = 1024 * 1024

/** Free bytes for this user on the disk of a path that may not exist yet; undefined where the system does not say. */
async function freeBytes(target: string): Promise<number | undefined> {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    } catch {
      if (folder === path.dirname(folder)) return undefined
    }
  }
}

/** @throws NO_SPACE before anything is written, if it cannot fit */
export async function checkSpace(target: string, needed: number): Promise<void> {
  if (needed === 0) return
  const free = await freeBytes(target)
  if (free === undefined || free >= needed + RESERVE_BYTES) return
  throw new ContainerImageError('NO_SPACE', `There is not enough space on the disk of ${target}.`, {
    side: 'destination',
    expected: `${sizeInWords(needed + RESERVE_BYTES)} free`,
    found: `${sizeInWords(free)} free`,
    details: { path: target, neededBytes: needed, freeBytes: free },
  })
}
