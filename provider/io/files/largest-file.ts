import { ftruncate as ftruncateWithCallback } from 'node:fs'
import { open, statfs } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { ContainerImageError } from '../../../manifests/index.js'
import { closing } from '../closing/closing.js'
import { removePath } from './rename-and-remove.js'
import { sizeInWords } from './sizes.js'

const ftruncate = promisify(ftruncateWithCallback)

/** FAT keeps a file's size in 32 bits (Microsoft, FAT32 File System Specification, "DIR_FileSize"). */
export const FAT_LARGEST = 2 ** 32 - 1

/** statfs(2) on Linux: MSDOS_SUPER_MAGIC. */
const MSDOS = 0x4d44
/** Systems that are known to take any file: ext, xfs, btrfs, tmpfs, NTFS, exFAT, overlay, ZFS, NFS. */
const WITHOUT_LIMIT = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x5346544e, 0x7366746e, 0x2011bab0, 0x794c7630, 0x2fc12fc1,
  0x6969,
])

/** The size in bytes of the largest file that a folder's file system takes; undefined where it has no such limit. */
export async function largestFile(folder: string): Promise<number | undefined> {
  const type = (await statfs(folder).catch(() => undefined))?.type
  if (type === MSDOS) return FAT_LARGEST
  if (type !== undefined && WITHOUT_LIMIT.has(type)) return undefined
  return await probe(folder)
}

/** Where the system does not say what it is: a file is made longer than FAT allows, without writing into it. */
async function probe(folder: string): Promise<number | undefined> {
  const file = path.join(folder, `.containerimage-${process.pid}.probe`)
  const handle = await open(file, 'wx', 0o600).catch(() => undefined)
  if (!handle) return undefined
  const remove = (): Promise<void> => removePath(file)
  return await closing([handle, remove], () =>
    ftruncate(handle.fd, FAT_LARGEST + 1).then(
      () => undefined,
      () => FAT_LARGEST,
    ),
  )
}

/**
 * Refuses what a folder's file system cannot hold before anything is written.
 * @throws FILE_TOO_LARGE
 */
export async function checkFileSizes(
  folder: string,
  files: { label: string; size: number }[],
  limitOf: typeof largestFile = largestFile,
): Promise<void> {
  const large = files.filter((file) => file.size > FAT_LARGEST)
  const [largest] = large.sort((a, b) => b.size - a.size)
  if (!largest) return
  const limit = await limitOf(folder)
  if (limit === undefined || largest.size <= limit) return
  throw new ContainerImageError('FILE_TOO_LARGE', `${folder} cannot hold ${largest.label}.`, {
    side: 'destination',
    expected: `files of at most ${sizeInWords(limit)}, as on FAT32`,
    found: sizeInWords(largest.size),
    details: { limit, size: largest.size },
  })
}
