import path from 'node:path'
import { problemOf } from '../../copy/check/problems.js'
import type { VerifyResult } from '../../copy/check/verify-result.js'
import { closing } from '../../io/closing/closing.js'
import type { OnProgress } from '../../io/progress.js'
import { verifyWim } from './read/verify.js'
import { type OpenWimOptions, openWim } from './read/wim.js'

/**
 * Reads every file, tree and integrity table of a WIM, all parts of it, and lists what is wrong.
 * @throws ARCHIVE_INVALID and others where it cannot even be opened; INTERRUPTED
 */
export async function verifyWimFile(
  file: string,
  options: OpenWimOptions & { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<VerifyResult> {
  const { signal, onProgress } = options
  const wim = await openWim(file, options)
  const task = `Verifying ${file}`
  return await closing(wim, async () => {
    const total = [...wim.blobs.values()].reduce((sum, blob) => sum + blob.size, 0)
    onProgress?.({ type: 'begin', task, total })
    onProgress?.({ type: 'blob', id: file, label: path.basename(file), size: total })
    let told = 0
    const tell = (bytes: number): void => {
      onProgress?.({ type: 'bytes', id: file, count: bytes - told, kind: 'verified' })
      told = bytes
    }
    const report = await verifyWim(wim, { onProgress: tell, signal })
    onProgress?.({ type: 'blob-end', id: file })
    onProgress?.({ type: 'end', task })
    return {
      ok: report.problems.length === 0,
      blobs: report.blobs,
      bytes: report.bytes,
      problems: report.problems.map((error) => problemOf(error, { path: file })),
    }
  })
}
