import { stat, statfs } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { present } from '../../../manifests/index.js'
import { listFolder } from '../../io/files/list-folder.js'
import type { RemovableFolder } from './request.js'

/** Folders below which systems mount removable drives; udisks2's are named after the user. */
function parents(): string[] {
  if (process.platform === 'darwin') return ['/Volumes']
  const { username } = os.userInfo()
  return [`/run/media/${username}`, `/media/${username}`, '/mnt']
}

/** Windows gives drives their letters from D on; A and B would wait for a floppy disk. */
const LETTERS = 'DEFGHIJKLMNOPQRSTUVWXYZ'

/** More than anybody plugs in, so that an odd folder cannot fill the list. */
const MOST = 64

/** The sticks, disks and shares that are mounted where the system puts them. */
export async function removableFolders(): Promise<RemovableFolder[]> {
  const paths = process.platform === 'win32' ? [...LETTERS].map((letter) => `${letter}:\\`) : await mounted()
  const found = await Promise.all(paths.map(described))
  return found.flatMap((one) => one ?? []).slice(0, MOST)
}

async function mounted(): Promise<string[]> {
  const folders: string[] = []
  for (const parent of parents()) {
    const entries = await listFolder(parent).catch(() => [])
    folders.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(parent, name)))
  }
  return (await Promise.all(folders.map(isMount))).flatMap((is, i) => (is ? (folders[i] ?? []) : []))
}

/** A folder of another file system than the one above it. */
async function isMount(folder: string): Promise<boolean> {
  const stats = await Promise.all([stat(folder), stat(path.dirname(folder))]).catch(() => undefined)
  return stats !== undefined && stats[0].dev !== stats[1].dev
}

async function described(folder: string): Promise<RemovableFolder | undefined> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) return undefined
  const space = await statfs(folder).catch(() => undefined)
  return present({
    path: folder,
    freeBytes: space && space.bavail * space.bsize,
    totalBytes: space && space.blocks * space.bsize,
  })
}
