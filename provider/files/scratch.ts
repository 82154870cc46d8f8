import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { hasCode } from '../../manifests/index.js'
import { type Lock, takeLock } from './lock.js'
import { fromSystem, inWords } from './system-errors.js'

/** A private folder for what has to lie in files for a while. */
export interface Scratch {
  path: string
  remove(): Promise<void>
}

/** Where such folders are made: the store's folder for what is on its way, asked for only when it is needed. */
export type ScratchPlace = () => Promise<string>

/**
 * Makes a private folder, in the system's folder for temporary files where the place cannot be written. Its
 * lock tells `prune` that it is in use; what a killed run left is swept by the next.
 */
export async function makeScratch(place: ScratchPlace | undefined): Promise<Scratch> {
  if (!place) return await temporary()
  const above = await place()
  try {
    return await locked(above)
  } catch (error) {
    if (!hasCode(error, 'PERMISSION_DENIED')) throw error
    return await temporary()
  }
}

async function temporary(): Promise<Scratch> {
  const folder = await inWords('Making a folder', 'destination', () =>
    mkdtemp(path.join(tmpdir(), 'containerimage-')),
  )
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function locked(above: string): Promise<Scratch> {
  const folder = path.join(above, `unpacked-${randomUUID()}`)
  const what = `Making ${folder}`
  const first = await inWords(what, 'destination', () => mkdir(above, { recursive: true }))
  let lock: Lock | undefined
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    await lock?.release()
    await removeMade(above, first)
  }
  try {
    lock = await takeLock(`${folder}.lock`)
    await mkdir(folder, { mode: 0o700 })
    return { path: folder, remove }
  } catch (error) {
    await remove()
    throw fromSystem(error, what, 'destination')
  }
}

/** A store that was not there before is not there afterwards, unless something was put into it. */
async function removeMade(above: string, first: string | undefined): Promise<void> {
  if (first === undefined || (await readdir(path.dirname(above))).length > 1) return
  for (let folder = above; ; folder = path.dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    )
    if (!removed || folder === first || folder === path.dirname(folder)) return
  }
}
