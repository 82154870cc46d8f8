import path from 'node:path'
import type { OnProgress } from '../io/progress.js'
import { Crew } from './crew.js'
import { type Examined, examine, type FileCondition } from './examine.js'
import { withProgress } from './progress.js'
import { type RecoverySet, readSet } from './recovery-set.js'

export interface RecoveryOptions {
  signal?: AbortSignal
  onProgress?: OnProgress
}

export interface RecoveryReport {
  setId: string
  /** In bytes. */
  sliceSize: number
  files: FileReport[]
  /** Slices that have to be made again, and recovery slices that are there for it. */
  lostSlices: number
  recoverySlices: number
  /** Whether all files can be restored, or nothing has to be done. */
  repairable: boolean
  /** How many more recovery slices it would take. */
  missingRecoverySlices: number
  /** Names of recovery files of which a part is damaged; what is intact of them counts. */
  damagedRecoveryFiles: string[]
  /** Recovery files of other sets: they are not used. */
  otherSets: { setId: string; files: string[] }[]
}

export interface FileReport {
  name: string
  /** In bytes. */
  size: number
  condition: FileCondition
  slices: number
  lostSlices: number
  /** The name under which it, or what is left of it, lies in the folder, where that is another. */
  foundAs?: string
}

/**
 * Reports the state of a set's files, and whether they can be repaired.
 * @param target a recovery file or a folder with some
 * @throws PATH_NOT_FOUND, UNSAFE_NAME, ARCHIVE_INVALID, INTERRUPTED
 */
export async function verifyRecovery(target: string, options: RecoveryOptions = {}): Promise<RecoveryReport> {
  const crew = new Crew(options.signal)
  try {
    const { set, examined } = await readAndExamine(crew, target, options)
    return report(set, examined)
  } finally {
    await crew.close()
  }
}

export async function readAndExamine(
  crew: Crew,
  target: string,
  { signal, onProgress }: RecoveryOptions,
): Promise<{ set: RecoverySet; examined: Examined[] }> {
  const set = await readSet(crew, target)
  const total = set.files.reduce((sum, { size }) => sum + size, 0)
  const step = { task: 'Checking files', label: path.basename(target), total, kind: 'verified' } as const
  const examined = await withProgress(onProgress, step, (onBytes) => examine(crew, set, { onBytes, signal }))
  return { set, examined }
}

export function report(set: RecoverySet, examined: Examined[]): RecoveryReport {
  const files = examined.map(describe)
  const lostSlices = files.reduce((sum, file) => sum + file.lostSlices, 0)
  const recoverySlices = set.recovery.size
  return {
    setId: set.id,
    sliceSize: set.sliceSize,
    files,
    lostSlices,
    recoverySlices,
    repairable: lostSlices <= recoverySlices,
    missingRecoverySlices: Math.max(0, lostSlices - recoverySlices),
    damagedRecoveryFiles: set.damagedRecoveryFiles,
    otherSets: set.otherSets,
  }
}

function describe({ file, condition, path: place, intact }: Examined): FileReport {
  const foundAs = place === undefined ? file.name : path.basename(place)
  return {
    name: file.name,
    size: file.size,
    condition,
    slices: file.slices,
    lostSlices: intact.reduce((sum, one) => sum + (one === 0 ? 1 : 0), 0),
    ...(foundAs === file.name ? {} : { foundAs }),
  }
}
