import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { closedAfter, closing } from '../closing/closing.js'
import { type Held, publishFile } from '../files/durable.js'
import { removeAbandoned, takeLock, UNTIL_DONE_MS, unlessLost } from '../files/lock.js'
import { clearName } from '../files/own-file.js'
import { removePath } from '../files/rename-and-remove.js'
import { checkSpace } from '../files/space.js'
import { fromSystem, inWords } from '../files/system-errors.js'
import type { OnProgress } from '../progress.js'
import type { Hasher } from './hasher.js'

export interface CopyFileOptions {
  hasher: Hasher
  /** What the source pins: hex digits, and bytes; both are compared if they are given. */
  sha256?: string
  size?: number
  signal?: AbortSignal
  onProgress?: OnProgress
}

/**
 * Copies a file of this machine as it is, hashed on the way; it has its name only when it is whole. Two that copy to
 * the same name take turns.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, STORE_LOCKED, LOCK_LOST, INTERRUPTED
 */
export async function copyFile(
  from: string,
  to: string,
  options: CopyFileOptions,
): Promise<{ size: number; sha256: string }> {
  const { signal, onProgress } = options
  const { size } = await stat(from).catch((error) => {
    throw fromSystem(error, `Opening ${from}`, 'source')
  })
  if (options.size !== undefined && options.size !== size)
    throw differs('SIZE_MISMATCH', from, `${options.size} bytes`, `${size} bytes`)
  await checkSpace(to, size)
  const lock = await takeLock(lockOf(to), { patience: UNTIL_DONE_MS, signal })
  const task = `Saving ${path.basename(to)}`
  onProgress?.({ type: 'begin', task, total: size })
  onProgress?.({ type: 'blob', id: from, label: path.basename(from), size })
  const toldEnd = (): void => {
    onProgress?.({ type: 'blob-end', id: from })
    onProgress?.({ type: 'end', task })
  }
  return await closing([() => lock.release(), toldEnd], async () => {
    const sha256 = await copyUnder(lock, { from, to, size }, options)
    return { size, sha256 }
  })
}

async function copyUnder(
  lock: Held,
  { from, to, size }: { from: string; to: string; size: number },
  { hasher, sha256, signal, onProgress }: CopyFileOptions,
): Promise<string> {
  const part = `${to}.part`
  await inWords(`Writing ${part}`, 'destination', () => clearName(part))
  const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id: from, count, kind: 'copied' })
  const source = { path: from, offset: 0, size }
  const target = { path: part, offset: 0, create: true, writesBack: true }
  try {
    const job = { source, algorithm: 'sha256', target } as const
    const { hex } = await hasher.run(job, { onBytes, signal })
    if (sha256 !== undefined && hex !== sha256)
      throw differs('DIGEST_MISMATCH', from, `sha256 ${sha256}`, `sha256 ${hex}`)
    await inWords(`Writing ${to}`, 'destination', () => publishFile(part, to, { mode: 0o644, lock }))
    return hex
  } catch (error) {
    throw await closedAfter(error, () => unlessLost(lock, () => removePath(part)))
  }
}

/** Removes what was left by a copy that was killed between giving the file its name and the end. */
export async function clearCopied(to: string): Promise<void> {
  await removeAbandoned(lockOf(to))
}

function lockOf(to: string): string {
  return `${to}.part.lock`
}

function differs(
  code: 'SIZE_MISMATCH' | 'DIGEST_MISMATCH',
  file: string,
  expected: string,
  found: string,
): ContainerImageError {
  return new ContainerImageError(code, `${file} is not the file that the source names.`, {
    side: 'source',
    expected,
    found,
  })
}
