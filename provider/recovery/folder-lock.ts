import { stat } from 'node:fs/promises'
import path from 'node:path'
import { hasCode } from '../../manifests/index.js'
import { type Lock, takeLock, UNTIL_DONE_MS } from '../io/files/lock.js'
import { inWords } from '../io/files/system-errors.js'

/** In a folder one process at a time makes recovery files, or repairs with them. @throws as takeLock */
export async function lockFolder(folder: string, signal?: AbortSignal): Promise<Lock> {
  const options = { patience: UNTIL_DONE_MS, signal }
  return await takeLock(path.join(folder, 'recovery.par2.lock'), options)
}

/** The same for a repair in place. Where nothing may be written there may be nothing to repair, either. */
export async function lockFolderOf(target: string, signal?: AbortSignal): Promise<Lock | undefined> {
  const stats = await inWords(`Reading ${target}`, 'source', () => stat(target))
  try {
    return await lockFolder(stats.isDirectory() ? target : path.dirname(target), signal)
  } catch (error) {
    if (hasCode(error, 'PERMISSION_DENIED', 'NO_SPACE')) return undefined
    throw error
  }
}
