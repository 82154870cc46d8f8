import { stat } from 'node:fs/promises'
import path from 'node:path'
import { partName } from '../../formats/wim/write/index.js'
import { closing } from '../../io/closing/closing.js'
import { makeFolder } from '../../io/files/durable.js'
import { type Lock, takeLock } from '../../io/files/lock.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Context } from '../../session/context.js'
import type { SaveRequest, SaveResult } from './request.js'
import { hashOf } from './saved-result.js'
import { checkInTheWay, compareWithThere, removeFurtherParts, type WantedWim } from './wim-in-the-way.js'

/** Where a new WIM goes, and the extension of its files. */
export function wimTarget({ path, splitSize }: SaveRequest): { target: string; ending: '.wim' | '.swm' } {
  if (splitSize === undefined) return { target: path, ending: '.wim' }
  return { target: path.replace(/\.wim$/i, '.swm'), ending: '.swm' }
}

/** How a WIM that is made is written. */
export function wimForm({
  wimCompress = 'xpress',
  integrity = false,
}: SaveRequest): Omit<WantedWim, 'name' | 'version'> {
  return { compression: wimCompress, integrity }
}

/**
 * Puts a WIM in its place. If there already is one that may be the same, the new one is written beside it and
 * compared.
 * @param write writes it under a name and a lock, and gives its files in the order of their parts
 * @throws FILE_EXISTS, and what writing throws
 */
export async function putWim(
  context: Context,
  file: string,
  wanted: WantedWim,
  request: SaveRequest,
  result: SaveResult,
  write: (target: string, lock: Lock) => Promise<string[]>,
): Promise<void> {
  const { signal } = request
  await inWords(`Writing ${file}`, 'destination', () => makeFolder(path.dirname(file)))
  const lock = await takeLock(`${file}.part.lock`, { signal })
  const release = (): Promise<void> => lock.release()
  await closing(release, async () => {
    // Another process may have written it while this one waited.
    const there = await checkInTheWay(file, wanted, request.force ?? false)
    const files: SaveResult['files'] = []
    for (const one of await write(there ? `${file}.again` : file, lock)) {
      const { size } = await stat(one)
      files.push({ path: one, size, sha256: await hashOf(context, one, size, request) })
    }
    if (there) await compareWithThere(context, file, files, request)
    else await removeFurtherParts(file, files.length, lock)
    result.files.push(...files.map((one, i) => ({ ...one, path: partName(file, i + 1) })))
  })
}
