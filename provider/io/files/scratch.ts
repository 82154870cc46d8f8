import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ContainerImageError, hasCode } from '../../../manifests/index.js'
import { closeAll, closedAfter } from '../closing/closing.js'
import { makeFolder } from './durable.js'
import { type Lock, takeLock } from './lock.js'
import { removeUnlocked } from './remove-unlocked.js'
import { removeEmpty, removePath } from './rename-and-remove.js'
import { fromSystem, inWords } from './system-errors.js'

/** A private folder for things that have to be in files for a while. */
export interface Scratch {
  path: string
  remove(): Promise<void>
}

/** Where such folders are made: the store's folder for what is on its way, asked for only when it is needed. */
export type ScratchPlace = () => Promise<string>

/** The names of such folders, and of their locks; in the system's folder they say whose they are. */
const NAME = /^((?:containerimage-)?unpacked-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.lock)?$/

/**
 * Makes a private folder, in the system's folder for temporary files where the place cannot be written. Its
 * lock tells others that it is in use; what a killed run left there is removed.
 */
export async function makeScratch(place: ScratchPlace | undefined): Promise<Scratch> {
  if (!place) return await temporary()
  try {
    return await locked(await place(), 'unpacked-')
  } catch (error) {
    if (!hasCode(error, 'PERMISSION_DENIED')) throw error
    return await temporary()
  }
}

/**
 * Removes such folders that a killed run of the same user left. Whoever else may write into one could lead the removal
 * elsewhere. What cannot be removed is left to the next run.
 */
export async function sweepScratch(above: string): Promise<void> {
  const names = await readdir(above).catch(() => [])
  const folders = new Set(names.flatMap((name) => NAME.exec(name)?.[1] ?? []))
  for (const name of folders) {
    const folder = path.join(above, name)
    if (await isOwn(folder)) await removeUnlocked(folder, 'folder').catch(() => {})
  }
}

/** Also one that no longer exists, or not yet: then there is only its lock. */
async function isOwn(folder: string): Promise<boolean> {
  const stats = await lstat(folder).catch(() => undefined)
  if (!stats) return true
  if (!stats.isDirectory()) return false
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0)
}

async function temporary(): Promise<Scratch> {
  return await locked(tmpdir(), 'containerimage-unpacked-')
}

async function locked(above: string, prefix: string): Promise<Scratch> {
  await sweepScratch(above)
  const folder = path.join(above, `${prefix}${randomUUID()}`)
  const what = `Making ${folder}`
  const first = await inWords(what, 'destination', () => makeFolder(above))
  let lock: Lock | undefined
  const remove = (): Promise<void> =>
    closeAll([() => removeWhole(folder), () => lock?.release(), () => removeMade(above, first)])
  try {
    lock = await takeLock(`${folder}.lock`)
    await mkdir(folder, { mode: 0o700 })
    return { path: folder, remove }
  } catch (error) {
    throw fromSystem(await closedAfter(error, remove), what, 'destination')
  }
}

async function removeWhole(folder: string): Promise<void> {
  try {
    await inWords(`Removing ${folder}`, 'destination', () => removePath(folder, { recursive: true }))
  } catch (error) {
    if (!(error instanceof ContainerImageError)) throw error
    const { code, message, cause } = error
    const remedy = 'Nothing needs it any more: remove it yourself, or let the next run do so.'
    throw new ContainerImageError(code, message, { side: 'destination', remedy, cause })
  }
}

/** A store that did not exist before does not exist afterwards either, unless something was put into it. */
async function removeMade(above: string, first: string | undefined): Promise<void> {
  if (first === undefined || (await readdir(path.dirname(above))).length > 1) return
  for (let folder = above; ; folder = path.dirname(folder)) {
    const removed = await removeEmpty(folder).then(
      () => true,
      () => false,
    )
    if (!removed || folder === first || folder === path.dirname(folder)) return
  }
}
