import { lstat, readlink } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, impossible, printable } from '../../../manifests/index.js'
import { makeFolder } from './durable.js'
import { fromSystem } from './system-errors.js'

/**
 * Checks the folders between one that a user named and another below it. The first may be reached through
 * links, as that is the user's choice; a link below it may be anybody's, and anything written or removed
 * through it would be elsewhere. A folder that is not there is all right.
 * @throws IN_THE_WAY
 */
export async function checkFolderBelow(root: string, folder: string): Promise<void> {
  for (const level of levels(root, folder)) if (!(await isFolder(level))) return
}

/** Makes a folder below one that a user named, and that one too, so that they survive a loss of power. @throws IN_THE_WAY */
export async function makeFolderBelow(root: string, folder: string): Promise<void> {
  await makeFolder(root)
  for (const level of levels(root, folder)) {
    if (await isFolder(level)) continue
    await makeFolder(level)
    // Somebody may have put a link there meanwhile.
    await isFolder(level)
  }
}

/** `blobs` and `blobs/sha256`, for the second. */
function levels(root: string, folder: string): string[] {
  const names = path.relative(root, folder).split(path.sep).filter(Boolean)
  if (names[0] === '..' || path.isAbsolute(names[0] ?? '')) impossible(`${folder} is not below ${root}.`)
  return names.map((_, i) => path.join(root, ...names.slice(0, i + 1)))
}

/** False where nothing is. @throws IN_THE_WAY for everything but a folder; a junction of Windows is a link */
async function isFolder(folder: string): Promise<boolean> {
  const stats = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw fromSystem(error, `Looking at ${folder}`, 'destination')
  })
  if (!stats) return false
  if (stats.isDirectory()) return true
  const target = stats.isSymbolicLink() ? await readlink(folder).catch(() => '') : undefined
  const what = target === undefined ? 'not a folder' : 'a link'
  throw new ContainerImageError('IN_THE_WAY', `${folder} is ${what}.`, {
    side: 'destination',
    expected: 'a folder, or nothing yet',
    found: target === undefined ? 'a file' : `a link to ${printable(target)}`,
    details: { path: folder },
  })
}
