import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes the names in a folder survive a loss of power; containerd learnt only in 2025 that syncing the file
 * is not enough. Windows has no such call and does not need it: NTFS journals names.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Replaces a small file in one step: whoever reads it sees the old bytes or the new ones, also after a crash. */
export async function replaceFile(file: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.new`)
  try {
    const handle: FileHandle = await open(temporary, 'w', mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
}
