import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { listFolder } from '../../io/files/list-folder.js'
import { kindInWords } from '../../io/files/regular-file.js'
import { inWords } from '../../io/files/system-errors.js'
import { isOfSystem } from './system-files.js'

/** A file that is on a media. */
export interface FoundFile {
  /** From the top of the media, with forward slashes. */
  path: string
  /** In bytes; undefined for what is not a regular file. */
  size: number | undefined
  /** Of what kind it is: `a file`. */
  what: string
}

/** Where blobs arrive, and where an interrupted run leaves them. */
export const INGEST_FOLDER = 'ingest'

/**
 * Every file below a media except those of operating systems, in the order of their paths. Links are not
 * followed.
 */
export async function walkFiles(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  await walk(root, '', found)
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

async function walk(root: string, prefix: string, found: FoundFile[]): Promise<void> {
  for (const entry of await listFolder(path.join(root, prefix))) {
    const name = prefix + entry.name
    if (isOfSystem(name) || isReceipts(name)) continue
    if (entry.isDirectory()) await walk(root, `${name}/`, found)
    else {
      const file = path.join(root, name)
      const size = entry.isFile() ? await sizeOf(file) : undefined
      found.push({ path: name, size, what: kindInWords(entry) })
    }
  }
}

/**
 * What comes back on a media, signed or not, is not part of it, nor is what a killed run left; it is checked
 * separately.
 */
function isReceipts(name: string): boolean {
  return /^receipts\/[A-Za-z0-9._-]+\.jsonl((\.[0-9A-F]{16}(\.next)?)?\.minisig)?(\.[0-9a-f]{8}-\d+\.[0-9a-f-]{36}\.new)?$/.test(
    name,
  )
}

async function sizeOf(file: string): Promise<number> {
  return (await inWords(`Reading ${file}`, 'source', () => lstat(file))).size
}
