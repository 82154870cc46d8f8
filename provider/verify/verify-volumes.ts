import path from 'node:path'
import { printable } from '../../manifests/index.js'
import type { VerifyProblem, VerifyResult } from '../requests.js'
import { checkSums } from '../volumes/check-sums.js'
import { missingOf, namesOf, type VolumeProblem, type VolumeSet } from '../volumes/volume-set.js'
import type { HashOptions } from './hash-blobs.js'

/** Compares each volume with its own sum; what is wrong with one is told of it, and not of a blob in several. */
export async function verifyVolumes(set: VolumeSet, options: HashOptions): Promise<VerifyResult> {
  const { hasher, signal, onProgress } = options
  const task = `Verifying ${set.label}`
  const sizes = [...set.volumes.keys()].map((number) => set.list.volumes[number - 1]?.size ?? 0)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  onProgress?.({ type: 'begin', task, total: bytes })
  const onBytes = (id: string, count: number): void =>
    onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
  const sums = await checkSums(set, { hasher, onBytes, ...(signal ? { signal } : {}) })
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
