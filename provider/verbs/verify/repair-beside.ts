import { stat } from 'node:fs/promises'
import path from 'node:path'
import { listFolder } from '../../io/files/list-folder.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { baseOf, isRecoveryFile } from '../../recovery/file-name.js'
import { repair } from '../../recovery/index.js'
import type { Context } from '../../session/context.js'

/**
 * Repairs the files of every recovery set in a folder; for a file, those of the sets beside it with the same
 * name. A damaged file is kept beside it as `NAME.damaged`.
 * @returns the paths of the files that were restored
 * @throws PATH_NOT_FOUND, RECOVERY_INSUFFICIENT, NO_SPACE
 */
export async function repairBeside(context: Context, place: string): Promise<string[]> {
  const stats = await stat(place).catch((error) => {
    throw fromSystem(error, `Opening ${place}`, 'source')
  })
  const folder = stats.isDirectory() ? place : path.dirname(place)
  const sets = new Map<string, string>()
  const names = (await listFolder(folder)).map((entry) => entry.name)
  for (const name of names.filter(isRecoveryFile))
    if (stats.isDirectory() || path.basename(place).startsWith(baseOf(name)))
      if (!sets.has(baseOf(name))) sets.set(baseOf(name), name)
  const { signal, onProgress } = context.options
  const repaired: string[] = []
  for (const name of sets.values()) {
    const report = await repair(path.join(folder, name), {
      keepDamaged: true,
      signal,
      onProgress,
    })
    repaired.push(...[...report.repaired, ...report.renamed].map((file) => path.join(folder, file)))
  }
  return repaired
}
