import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { isOfSystem } from './system-files.js'

/** A file that lies on a media. */
export interface FoundFile {
  /** From the top of the media, with forward slashes. */
  path: string
  /** In bytes; undefined for what is no regular file. */
  size: number | undefined
}

/** Where blobs are on their way; what a run that was interrupted left lies in it. */
export const INGEST_FOLDER = 'ingest'

/** Every file below a media but those of systems, in the order of their paths. Links are not followed. */
export async function walkFiles(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  await walk(root, '', found)
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

async function walk(root: string, prefix: string, found: FoundFile[]): Promise<void> {
  for (const entry of await readdir(path.join(root, prefix), { withFileTypes: true })) {
    const name = prefix + entry.name
    if (isOfSystem(name) || isReceipts(name)) continue
    if (entry.isDirectory()) await walk(root, `${name}/`, found)
    else found.push({ path: name, size: await sizeOf(path.join(root, name), entry) })
  }
}

/** What comes back on a media is not of it, nor what a run that was killed left of it; it is checked by itself. */
function isReceipts(name: string): boolean {
  return /^receipts\/[A-Za-z0-9._-]+\.jsonl(\.[0-9a-f]{8}-\d+\.[0-9a-f-]{36}\.new)?$/.test(name)
}

async function sizeOf(file: string, entry: Dirent): Promise<number | undefined> {
  return entry.isFile() ? (await lstat(file)).size : undefined
}
