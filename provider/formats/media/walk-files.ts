import type { Dirent } from 'node:fs'
import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { hasCode } from '../../../manifests/index.js'
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
 * followed. What goes while it is listed is not there: other runs may be at work on the media.
 */
export async function walkFiles(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  await walk(root, '', await listFolder(root), found)
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

async function walk(root: string, prefix: string, entries: Dirent[], found: FoundFile[]): Promise<void> {
  for (const entry of entries) {
    const name = prefix + entry.name
    if (isOfSystem(name) || isReceipts(name)) continue
    const what = kindInWords(entry)
    const place = path.join(root, name)
    if (entry.isDirectory()) await walk(root, `${name}/`, (await unlessGone(listFolder(place))) ?? [], found)
    else if (!entry.isFile()) found.push({ path: name, size: undefined, what })
    else {
      const size = await unlessGone(sizeOf(place))
      if (size !== undefined) found.push({ path: name, size, what })
    }
  }
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch((error) => {
    if (hasCode(error, 'PATH_NOT_FOUND')) return undefined
    throw error
  })
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
