import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { hasCode, printable } from '../../../manifests/index.js'
import { Arrival } from '../../formats/volumes/arrival.js'
import { checkSums } from '../../formats/volumes/check-sums.js'
import { volumesDamaged, volumesMissing } from '../../formats/volumes/set-errors.js'
import { baseOfVolume, isVolumeName } from '../../formats/volumes/volume.js'
import { findSet, missingOf, namesOf, type VolumeSet } from '../../formats/volumes/volume-set.js'
import { closedAfter } from '../../io/closing/closing.js'
import { checkSpace } from '../../io/files/space.js'
import { baseOf, isRecoveryFile } from '../../recovery/file-name.js'
import type { Context } from '../../session/context.js'
import type { InstallRequest } from './request.js'

/** A set of volumes that a target of an install names. */
export interface SetToInstall {
  set: VolumeSet
  /** What is opened: the volumes themselves, or the layout built from them. */
  path: string
  /** Whether its blobs may be moved away. */
  mayTake: boolean
  /** Where it arrives, if it has to be put together. */
  arrival: Arrival
}

/**
 * Checks whether a target is a set of volumes. If all of it is here, or recovery files can restore the rest,
 * it is installed in place; else what is here is taken into the store, the reader is asked for the next
 * stick, and the next run keeps what has arrived.
 * @param others the paths of the request, beside which there may be volumes, too; `known` are sets that other targets
 * have brought already
 * @returns undefined for every other target
 * @throws VOLUME_MISSING, VOLUME_DAMAGED, VOLUME_FOREIGN
 */
export async function setToInstall(
  context: Context,
  target: string,
  request: InstallRequest,
  { others, known }: { others: string[]; known: ReadonlySet<string> },
): Promise<SetToInstall | 'known' | undefined> {
  if (!existsSync(target)) return undefined
  const set = await findSet(path.resolve(target), { others })
  if (!set) return undefined
  if (known.has(set.list.set)) return 'known'
  for (const { path: file, found } of set.problems) context.note(`${file} is not used: ${found}.`)
  const { places } = await context.store()
  const arrival = await Arrival.open(places.root, places.arriving(set.list.set))
  const asItLies = { path: path.resolve(target), mayTake: false, arrival }
  try {
    if (arrival.arrived.size === 0) {
      if (missingOf(set).length === 0) return { ...asItLies, set }
      const repaired = request.whatIf ? undefined : await repairedSet(context, set, arrival)
      if (repaired) return { ...asItLies, set: repaired }
    }
    return await gathered(context, set, arrival, request)
  } catch (error) {
    throw await closedAfter(error, () => arrival.letGo())
  }
}

/** @throws VOLUME_MISSING */
async function gathered(
  context: Context,
  first: VolumeSet,
  arrival: Arrival,
  request: InstallRequest,
): Promise<SetToInstall> {
  for (let set = first; ; ) {
    if (!request.whatIf) {
      // Before the lock, which makes the store.
      await checkSpace(arrival.folder, sizeOf(set, notArrived(set, arrival)))
      await arrival.hold(request.signal)
      await takeAll(context, set, arrival)
    }
    const missing = stillMissing(set, arrival)
    if (missing.length === 0) return { set, path: arrival.folder, mayTake: true, arrival }
    await arrival.letGo()
    const next = request.whatIf ? undefined : await request.nextVolume?.(namesOf(set.list, missing))
    if (next === undefined) throw volumesMissing(set, missing, arrival.arrived.size)
    set = (await sameSetAt(context, next, set)) ?? set
  }
}

/** The part of a set that is on the next stick; undefined if there is none. */
async function sameSetAt(context: Context, stick: string, set: VolumeSet): Promise<VolumeSet | undefined> {
  const found = existsSync(stick) ? await findSet(path.resolve(stick)) : undefined
  if (found?.list.set === set.list.set) return found
  context.note(`${stick} has ${found ? 'volumes of another set' : 'no volumes'}.`)
  return undefined
}

/**
 * The set with what recovery files beside it have restored, in a folder of the store: the stick stays as it
 * is. Undefined if there are none, or too few.
 */
async function repairedSet(
  context: Context,
  set: VolumeSet,
  arrival: Arrival,
  bad: string[] = [],
): Promise<VolumeSet | undefined> {
  const file = recoveryFileOf(set)
  if (file === undefined) return undefined
  await arrival.hold(context.options.signal)
  const into = await arrival.repairedFolder()
  const made = await repairInto(context, file, into)
  if (made === undefined) return undefined
  const [first] = made.filter(isVolumeName)
  const without = new Set([...bad, ...set.problems.map((problem) => problem.path)])
  const whole = await findSet(first === undefined ? set.label : path.join(into, first), {
    others: set.folders,
    without,
  })
  return whole && missingOf(whole).length === 0 ? { ...whole, label: set.label } : undefined
}

/** The names of the files that were restored; undefined if that is not possible. */
async function repairInto(context: Context, file: string, into: string): Promise<string[] | undefined> {
  const { repair } = await import('../../recovery/index.js')
  const { signal, onProgress } = context.options
  try {
    const { repaired } = await repair(file, { into, signal, onProgress })
    if (repaired.length > 0)
      context.note(`Repaired with recovery files: ${[...repaired].sort().map(printable).join(', ')}.`)
    return repaired
  } catch (error) {
    if (!hasCode(error, 'RECOVERY_INSUFFICIENT')) throw error
    context.note(`${error.message} What is damaged cannot be repaired.`)
    return undefined
  }
}

/** Recovery files are named like the volumes: `debian-12-5.par2` for `debian-12-5.vol1of3.tar`. */
function recoveryFileOf({ list, folders }: VolumeSet): string | undefined {
  const base = baseOfVolume(list.volumes[0]?.name ?? '')
  for (const folder of folders)
    for (const name of readdirSync(folder).sort())
      if (isRecoveryFile(name) && baseOf(name) === base) return path.join(folder, name)
  return undefined
}

/**
 * Handles an error from installing a set: returns the set with its bad volumes repaired, to be tried again.
 * @throws VOLUME_DAMAGED if some are bad and cannot be repaired; else the error itself
 */
export async function repairedAfter(
  context: Context,
  { set, arrival, mayTake, path: place }: SetToInstall,
  error: unknown,
): Promise<SetToInstall> {
  const isOfBytes = hasCode(
    error,
    'DIGEST_MISMATCH',
    'SIZE_MISMATCH',
    'ARCHIVE_INVALID',
    'INVALID_DOCUMENT',
    'BLOB_MISSING',
    'UNSAFE_NAME',
  )
  if (!isOfBytes || mayTake) throw error
  const { hasher, options } = context
  const problems = await checkSums(set, { hasher, signal: options.signal })
  if (problems.length === 0) throw error
  const bad = problems.map((problem) => problem.path)
  const repaired = await repairedSet(context, set, arrival, bad)
  if (!repaired) throw volumesDamaged(set, problems)
  return { set: repaired, path: place, mayTake: false, arrival }
}

function stillMissing(set: VolumeSet, arrival: Arrival): number[] {
  const all = set.list.volumes.map((_, i) => i + 1)
  return all.filter((number) => !arrival.arrived.has(number))
}

/** The volumes that are here and have not arrived yet, by their numbers. */
function notArrived(set: VolumeSet, arrival: Arrival): number[] {
  return [...set.volumes.keys()].filter((number) => !arrival.arrived.has(number))
}

function sizeOf({ list }: VolumeSet, numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + (list.volumes[number - 1]?.size ?? 0), 0)
}

async function takeAll(context: Context, set: VolumeSet, arrival: Arrival): Promise<void> {
  const numbers = notArrived(set, arrival)
  const { onProgress, signal } = context.options
  const task = `Taking ${numbers.length} of ${set.list.volumes.length} volumes`
  if (numbers.length > 0) onProgress?.({ type: 'begin', task, total: sizeOf(set, numbers) })
  for (const number of numbers) {
    const { name = '', size = 0 } = set.list.volumes[number - 1] ?? {}
    onProgress?.({ type: 'blob', id: name, label: name, size })
    const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id: name, count, kind: 'copied' })
    try {
      await arrival.take(set, number, { onBytes, signal })
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
