import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { isAbandoned } from '../../io/files/lock.js'
import { removeUnlocked } from '../../io/files/remove-unlocked.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { isOrphaned, isReplacement } from '../../io/files/replacement-name.js'
import { leftoverOf } from '../../store/leftovers.js'
import type { Places } from '../../store/places.js'
import { sweepDead } from '../../store/sweep.js'
import type { StoreLeftover } from './request.js'

const LOCK = /\.lock$/
/** The next run continues from these. */
const PART = /^(sha(256|512)-[0-9a-f]+|set-[0-9a-f]+|download-[0-9a-f]+(\.part)?)$/

/**
 * What stopped runs left in a store, except what a running process holds, and locks from another host or
 * container, for which only time can tell.
 */
export async function leftoversIn(places: Places): Promise<StoreLeftover[]> {
  const left: StoreLeftover[] = []
  for (const name of await namesIn(places.root))
    if (isReplacement(name) && isOrphaned(name)) left.push(await leftover(places.root, name, 'useless'))
  const names = await namesIn(places.ingestFolder)
  for (const name of names) {
    const kind = await kindOf(places.ingestFolder, name, names)
    if (kind) left.push(await leftover(places.ingestFolder, name, kind))
  }
  return left
}

async function kindOf(
  folder: string,
  name: string,
  names: readonly string[],
): Promise<StoreLeftover['kind'] | undefined> {
  const isDead = async (lock: string): Promise<boolean> => await isAbandoned(path.join(folder, lock))
  if (LOCK.test(name)) return (await isDead(name)) ? 'useless' : undefined
  if (isReplacement(name)) return isOrphaned(name) ? 'useless' : undefined
  const isHeld = names.includes(`${name}.lock`) && !(await isDead(`${name}.lock`))
  if (isHeld) return undefined
  if (!leftoverOf(name)) return 'unknown'
  return PART.test(name) ? 'part' : 'useless'
}

async function leftover(folder: string, name: string, kind: StoreLeftover['kind']): Promise<StoreLeftover> {
  const file = path.join(folder, name)
  const stats = await lstat(file).catch(() => undefined)
  return { path: file, kind, bytes: stats?.isFile() ? stats.size : 0, removed: false }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}

/**
 * Removes what no run can use, and says for each whether it is gone. Partial blobs stay: `prune` removes
 * them.
 */
export async function removeUseless(
  places: Places,
  found: readonly StoreLeftover[],
): Promise<StoreLeftover[]> {
  await sweepDead(places)
  for (const { path: file } of found.filter(({ kind }) => kind === 'useless'))
    if (LOCK.test(file)) await removeUnlocked(file.replace(LOCK, ''), 'lock').catch(() => {})
    else if (isReplacement(path.basename(file))) await removePath(file).catch(() => {})
  const left = new Set((await leftoversIn(places)).map((one) => one.path))
  return found.map((one) => ({ ...one, removed: one.kind === 'useless' && !left.has(one.path) }))
}
