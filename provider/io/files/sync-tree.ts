import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { syncFile, syncFolder } from './durable.js'

/** Node has fewer threads for it than this. */
const AT_ONCE = 16

/** Makes a folder and everything in it survive a power loss. Links are not followed. */
export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).values()
  const takeTurns = async (): Promise<void> => {
    for (const { name } of files) await syncFile(path.join(folder, name))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns))
  for (const entry of entries) if (entry.isDirectory()) await syncTree(path.join(folder, entry.name))
  await syncFolder(folder)
}
