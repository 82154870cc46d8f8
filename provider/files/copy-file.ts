import { chmod, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'
import type { Hasher } from '../hashing/hasher.js'
import type { OnProgress } from '../ports.js'
import { syncFolder } from './durable.js'
import { checkSpace } from './space.js'
import { fromSystem, inWords } from './system-errors.js'

export interface CopyFileOptions {
  hasher: Hasher
  /** What the source pins: hex digits, and bytes; both are compared where they are given. */
  sha256?: string
  size?: number
  signal?: AbortSignal
  onProgress?: OnProgress
}

/**
 * Copies a file of this machine as it is, hashed on the way; it has its name only when it is whole.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, INTERRUPTED
 */
export async function copyFile(
  from: string,
  to: string,
  options: CopyFileOptions,
): Promise<{ size: number; sha256: string }> {
  const { hasher, signal, onProgress } = options
  const { size } = await stat(from).catch((error) => {
    throw fromSystem(error, `Opening ${from}`, 'source')
  })
  if (options.size !== undefined && options.size !== size)
    throw differs('SIZE_MISMATCH', from, `${options.size} bytes`, `${size} bytes`)
  await checkSpace(to, size)
  const part = `${to}.part`
  const task = `Saving ${path.basename(to)}`
  onProgress?.({ type: 'begin', task, total: size })
  onProgress?.({ type: 'blob', id: from, label: path.basename(from), size })
  const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id: from, count, kind: 'copied' })
  const job = {
    source: { path: from, offset: 0, size },
    algorithm: 'sha256' as const,
    target: { path: part, offset: 0, create: true, sync: true },
  }
  try {
    await rm(part, { force: true })
    const { hex, bytes } = await inWords(`Writing ${part}`, 'destination', () =>
      hasher.run(job, { onBytes, ...(signal ? { signal } : {}) }),
    )
    if (bytes !== size) throw differs('SIZE_MISMATCH', from, `${size} bytes`, `${bytes} bytes`)
    if (options.sha256 !== undefined && hex !== options.sha256)
      throw differs('DIGEST_MISMATCH', from, `sha256 ${options.sha256}`, `sha256 ${hex}`)
    await inWords(`Writing ${to}`, 'destination', async () => {
      await chmod(part, 0o644)
      await rename(part, to)
      await syncFolder(path.dirname(to))
    })
    return { size, sha256: hex }
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    onProgress?.({ type: 'blob-end', id: from })
    onProgress?.({ type: 'end', task })
  }
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
