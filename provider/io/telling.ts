import type { OnProgress, ProgressEvent } from './progress.js'

/** Work on one file or blob that is a task of its own. */
export interface TaskOfOne {
  task: string
  id: string
  label: string
  /** In bytes. */
  size: number
  kind: Extract<ProgressEvent, { type: 'bytes' }>['kind']
}

/**
 * Reports such work from beginning to end; if it fails, no end is reported.
 * @param work is given what to call with each count of bytes
 */
export async function telling<T>(
  onProgress: OnProgress | undefined,
  { task, id, label, size, kind }: TaskOfOne,
  work: (onBytes: (count: number) => void) => Promise<T>,
): Promise<T> {
  onProgress?.({ type: 'begin', task, total: size })
  onProgress?.({ type: 'blob', id, label, size })
  const result = await work((count) => onProgress?.({ type: 'bytes', id, count, kind }))
  onProgress?.({ type: 'blob-end', id })
  onProgress?.({ type: 'end', task })
  return result
}
