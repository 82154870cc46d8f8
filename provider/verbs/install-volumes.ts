import { existsSync } from 'node:fs'
import path from 'node:path'
import { hasCode } from '../../manifests/index.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import type { InstallRequest } from '../requests.js'
import { Arrival } from '../volumes/arrival.js'
import { checkSums } from '../volumes/check-sums.js'
import { volumesDamaged, volumesMissing } from '../volumes/set-errors.js'
import { findSet, missingOf, namesOf, type VolumeSet } from '../volumes/volume-set.js'

/** A set of volumes that a target of an install means. */
export interface SetToInstall {
  set: VolumeSet
  /** What is opened: the volumes themselves, or the layout that has grown out of them. */
  path: string
  /** Whether its blobs may be taken away. */
  mayTake: boolean
  /** To be told when everything is installed. */
  done(): Promise<void>
}

/**
 * Looks whether a target is a set of volumes. Where all of it is here it is installed as it lies; where some
 * is missing, what is here is taken into the store, the reader is asked for the next stick, and what has
 * arrived counts in the next run.
 * @returns undefined for every other target
 * @throws VOLUME_MISSING, VOLUME_DAMAGED, VOLUME_FOREIGN
 */
export async function setToInstall(
  context: Context,
  target: string,
  request: InstallRequest,
): Promise<SetToInstall | undefined> {
  if (!existsSync(target)) return undefined
  const others = request.targets.filter((other) => other !== target && existsSync(other))
  let set = await findSet(path.resolve(target), others)
  if (!set) return undefined
  for (const { path: file, found } of set.problems) context.note(`${file} is not used: ${found}.`)
  const { places } = await context.store()
  const arrival = await Arrival.open(places.arriving(set.list.set))
  if (missingOf(set).length === 0 && arrival.arrived.size === 0)
    return { set, path: path.resolve(target), mayTake: false, done: async () => {} }
  for (;;) {
    if (request.whatIf) break
    await takeAll(context, set, arrival)
    const missing = stillMissing(set, arrival)
    const next: string | undefined =
      missing.length > 0 ? await request.nextVolume?.(namesOf(set.list, missing)) : undefined
    if (next === undefined) break
    set = (await findSet(path.resolve(next))) ?? set
  }
  const missing = stillMissing(set, arrival)
  if (missing.length > 0) throw volumesMissing(set, missing, arrival.arrived.size)
  return { set, path: arrival.folder, mayTake: true, done: () => arrival.remove() }
}

function stillMissing(set: VolumeSet, arrival: Arrival): number[] {
  const all = set.list.volumes.map((_, i) => i + 1)
  return all.filter((number) => !arrival.arrived.has(number))
}

async function takeAll(context: Context, set: VolumeSet, arrival: Arrival): Promise<void> {
  const numbers = [...set.volumes.keys()].filter((number) => !arrival.arrived.has(number))
  const { onProgress, signal } = context.options
  const task = `Taking ${numbers.length} of ${set.list.volumes.length} volumes`
  const total = numbers.reduce((sum, number) => sum + (set.list.volumes[number - 1]?.size ?? 0), 0)
  if (numbers.length > 0) onProgress?.({ type: 'begin', task, total })
  for (const number of numbers) {
    const { name = '', size = 0 } = set.list.volumes[number - 1] ?? {}
    onProgress?.({ type: 'blob', id: name, label: name, size })
    const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id: name, count, kind: 'copied' })
    try {
      await arrival.take(set, number, { onBytes, ...defined({ signal }) })
    } catch (error) {
      if (!hasCode(error, 'VOLUME_DAMAGED', 'ARCHIVE_INVALID', 'UNSAFE_NAME')) throw error
      set.problems.push({
        code: 'VOLUME_DAMAGED',
        path: name,
        number,
        expected: 'a whole volume',
        found: error.message,
      })
      set.volumes.delete(number)
    }
    onProgress?.({ type: 'blob-end', id: name })
  }
  if (numbers.length > 0) onProgress?.({ type: 'end', task })
}

/** What of a set led to an error of a copy: the volumes whose sums are not right, where there are any. */
export async function blamed(context: Context, set: VolumeSet, error: unknown): Promise<unknown> {
  const isOfBytes = hasCode(
    error,
    'DIGEST_MISMATCH',
    'SIZE_MISMATCH',
    'ARCHIVE_INVALID',
    'INVALID_DOCUMENT',
    'BLOB_MISSING',
  )
  if (!isOfBytes) return error
  const { hasher, options } = context
  const problems = await checkSums(set, { hasher, ...defined({ signal: options.signal }) })
  return problems.length > 0 ? volumesDamaged(set, problems) : error
}
