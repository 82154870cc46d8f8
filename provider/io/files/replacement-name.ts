import { createHash, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { kernelPlace } from './kernel-place.js'
import { isRunning } from './process-number.js'
import { removePath } from './rename-and-remove.js'

/*
 * A file that is to get a name in one step is first written beside it, under a name that says which process
 * wrote it: so files left by a killed process can be recognised and removed.
 */

const REPLACEMENT = /^\..+\.[0-9a-f-]{36}\.new$/
const OF_A_LOCK = /^\..+\.lock\.[0-9a-f]{8}-\d{1,10}\.[0-9a-f-]{36}\.new$/

/** Names this process among those of all machines that may write to the same folder. */
const HOST = createHash('sha256')
  .update(kernelPlace() ?? hostname())
  .digest('hex')
  .slice(0, 8)
const MAKER = /\.([0-9a-f]{8})-(\d{1,10})\.[0-9a-f-]{36}\.new$/

/** Where to write the replacement of a file; each replacement has its own name, even within one process. */
export function replacementOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${HOST}-${process.pid}.${randomUUID()}.new`)
}

/** Whether a name is one that `replacementOf` gives. */
export function isReplacement(name: string): boolean {
  return REPLACEMENT.test(name)
}

/** Whether a name is one that `replacementOf` gave in a process of this machine that lives no more. */
export function isOrphaned(name: string): boolean {
  const [, host, pid] = MAKER.exec(name) ?? []
  return host === HOST && !isRunning(Number(pid))
}

/** Removes what killed processes had written to replace a file, and had not renamed. */
export async function removeOrphans(file: string): Promise<void> {
  await removeOrphaned(path.dirname(file), (name) => name.startsWith(`.${path.basename(file)}.`))
}

/**
 * Removes drafts by any process for a file, or for one whose name begins with its name: to be called by the
 * holder of the lock under which they are written, so that it also covers other hosts and power losses.
 */
export async function removeReplacements(file: string): Promise<void> {
  const folder = path.dirname(file)
  for (const name of await readdir(folder).catch(() => []))
    if (name.startsWith(`.${path.basename(file)}.`) && isReplacement(name))
      await removePath(path.join(folder, name))
}

/** Removes drafts of this process that it could not remove at once. */
export async function removeOwnReplacements(file: string): Promise<void> {
  const own = `.${path.basename(file)}.${HOST}-${process.pid}.`
  for (const name of await readdir(path.dirname(file)).catch(() => []))
    if (name.startsWith(own) && isReplacement(name))
      await removePath(path.join(path.dirname(file), name)).catch(() => {})
}

/**
 * Removes lock drafts in a folder that killed processes had written but not yet taken: many lock names are
 * used only once.
 */
export async function removeOrphanedLocks(folder: string): Promise<void> {
  await removeOrphaned(folder, (name) => OF_A_LOCK.test(name))
}

async function removeOrphaned(folder: string, isOne: (name: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  // What cannot be removed stands in nobody's way.
  for (const name of names)
    if (isOne(name) && isReplacement(name) && isOrphaned(name))
      await removePath(path.join(folder, name)).catch(() => {})
}
