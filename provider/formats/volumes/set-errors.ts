import path from 'node:path'
import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import { namesOf, type VolumeProblem, type VolumeSet } from './volume-set.js'

/** The error for volumes that are not here and have not arrived before; it also names those that are bad. */
export function volumesMissing(set: VolumeSet, numbers: number[], arrived: number): ContainerImageError {
  const names = namesOf(set.list, numbers)
  const bad = set.problems.map(({ path: file, found }) => `${printable(path.basename(file))} (${found})`)
  const total = set.list.volumes.length
  return new ContainerImageError(
    'VOLUME_MISSING',
    `${set.label}: ${numbers.length} of ${total} volumes ${numbers.length === 1 ? 'is' : 'are'} missing: ${names}.`,
    {
      side: 'source',
      expected: names,
      found: bad.length > 0 ? `damaged: ${bad.join(', ')}` : `${arrived} of ${total} volumes`,
      details: { volumes: numbers, names: numbers.map((number) => set.list.volumes[number - 1]?.name) },
    },
  )
}

/** The error for volumes that are here but bad. */
export function volumesDamaged(set: VolumeSet, problems: VolumeProblem[]): ContainerImageError {
  const names = problems.map(({ path: file }) => printable(path.basename(file))).sort()
  const numbers = problems.flatMap(({ number }) => (number === undefined ? [] : [number]))
  return new ContainerImageError(
    'VOLUME_DAMAGED',
    `${set.label}: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} damaged.`,
    {
      side: 'source',
      ...(problems[0] ? { expected: problems[0].expected, found: problems[0].found } : {}),
      details: { volumes: numbers, names },
      ...(numbers.length > 0
        ? {
            remedy: `Copy it again, or make it alone with ${numbers.map((number) => `${option('onlyVolume')} ${number}`).join(' and ')}.`,
          }
        : {}),
    },
  )
}
