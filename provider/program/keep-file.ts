import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, replaceFile } from '../io/files/durable.js'
import { removePath } from '../io/files/rename-and-remove.js'

/** Files of all versions and commands together; one has most of a megabyte. */
const MOST_FILES = 64

/** Keeps a file for later runs, for this user alone. What cannot be kept is made again by the next run. */
export async function keepFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  try {
    await makeFolder(folder, 0o700)
    await replaceFile(path.join(folder, name), bytes, { mode: 0o600, isSwept: true })
    await removeOldest(folder)
  } catch {
    // As said above.
  }
}

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (names.length <= MOST_FILES) return
  const files = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(path.join(folder, name))).mtimeMs })),
  )
  files.sort((a, b) => b.at - a.at)
  for (const { name } of files.slice(MOST_FILES)) await removePath(path.join(folder, name))
}
