import path from 'node:path'
import { printable } from '../../../manifests/index.js'
import { checkLayers } from '../../copy/check/check-layers.js'
import type { HashOptions } from '../../copy/check/hash-blobs.js'
import type { VerifyProblem, VerifyResult } from '../../copy/check/verify-result.js'
import type { ImageCollection } from '../../copy/ports.js'
import { closing } from '../../io/closing/closing.js'
import { checkSums } from './check-sums.js'
import { missingOf, namesOf, type VolumeProblem, type VolumeSet } from './volume-set.js'

/**
 * Compares each volume with its own sum, and if all of them are right looks into the layers, about which the sums say
 * nothing. In a set that is not complete nobody can.
 */
export async function verifyVolumes(
  set: VolumeSet,
  options: HashOptions,
  open: () => Promise<ImageCollection>,
): Promise<VerifyResult> {
  const result = await compareSums(set, options)
  if (!result.ok) return result
  const collection = await open()
  return await closing(collection, async () => {
    const carried = new Set(set.list.blobs.map(({ digest }) => digest))
    const problems = await checkLayers(collection, carried, options)
    return { ...result, ok: problems.length === 0, problems }
  })
}

/** A fault in a volume is reported for the volume, and not for a blob that spans several. */
async function compareSums(set: VolumeSet, options: HashOptions): Promise<VerifyResult> {
  const { hasher, signal, onProgress } = options
  const task = `Verifying ${set.label}`
  const sizes = [...set.volumes.keys()].map((number) => set.list.volumes[number - 1]?.size ?? 0)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  onProgress?.({ type: 'begin', task, total: bytes })
  const onBytes = (id: string, count: number): void =>
    onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
  const sums = await checkSums(set, { hasher, onBytes, signal })
  onProgress?.({ type: 'end', task })
  const found = [...set.problems, ...sums]
  const missing = missingOf(set).filter((number) => !found.some((problem) => problem.number === number))
  const problems = [...found.map(badVolume), ...missing.map((number) => missingVolume(set, number))]
  return { ok: problems.length === 0, blobs: set.list.blobs.length, bytes, problems }
}

function badVolume({ code, path: file, expected, found }: VolumeProblem): VerifyProblem {
  const what = code === 'VOLUME_FOREIGN' ? 'belongs to another set' : 'is damaged'
  return { code, path: file, expected, found, message: `${printable(path.basename(file))} ${what}.` }
}

function missingVolume(set: VolumeSet, number: number): VerifyProblem {
  const name = namesOf(set.list, [number])
  return {
    code: 'VOLUME_MISSING',
    path: name,
    expected: name,
    found: 'nothing',
    message: `${name} is missing.`,
  }
}
