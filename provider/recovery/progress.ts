import type { OnProgress } from '../io/progress.js'

/** Tells how far a step is, as one file that is read or written. */
export async function withProgress<T>(
  onProgress: OnProgress | undefined,
  step: { task: string; label: string; total: number; kind: 'copied' | 'verified' },
  work: (onBytes: (count: number) => void) => Promise<T>,
): Promise<T> {
  const { task, label, total, kind } = step
  const id = `${task} ${label}`
  onProgress?.({ type: 'begin', task, total })
  onProgress?.({ type: 'blob', id, label, size: total })
  try {
    return await work((count) => onProgress?.({ type: 'bytes', id, count, kind }))
  } finally {
    onProgress?.({ type: 'blob-end', id })
    onProgress?.({ type: 'end', task })
  }
}
