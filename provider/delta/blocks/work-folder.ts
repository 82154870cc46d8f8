import { mkdtemp } from 'node:fs/promises'
import path from 'node:path'
import type { FileRange } from '../../io/bytes.js'
import { removePath, renameOver } from '../../io/files/rename-and-remove.js'
import { inWords } from '../../io/files/system-errors.js'

/**
 * Runs a step with a folder of its own, which is removed afterwards with everything in it except the resulting file:
 * that is moved to its name beside the folder when the step is over. It is not synced: whoever takes it into a store
 * does that.
 */
export async function inWorkFolder<T extends { made: string; size: number } | undefined>(
  scratch: string,
  name: string,
  step: (folder: string) => Promise<T>,
): Promise<[T, FileRange]> {
  const folder = await inWords(`Making a folder in ${scratch}`, 'destination', () =>
    mkdtemp(path.join(scratch, 'making-')),
  )
  try {
    const result = await step(folder)
    const place = path.join(scratch, `${name}-${path.basename(folder).slice('making-'.length)}`)
    if (result) await inWords(`Writing ${place}`, 'destination', () => renameOver(result.made, place))
    return [result, { path: place, offset: 0, size: result?.size ?? 0, mayTake: true }]
  } finally {
    await removePath(folder, { recursive: true })
  }
}
