/** Progress of long work, for any kind of display. */
export type ProgressEvent =
  /** Work begins, or its total became known. `total` is in bytes. */
  | { type: 'begin'; task: string; total: number }
  /** One blob or file starts; `size` is in bytes. */
  | { type: 'blob'; id: string; label: string; size: number }
  /** Bytes of it were copied, found to be already there, or read for checking. */
  | { type: 'bytes'; id: string; count: number; kind: 'copied' | 'reused' | 'verified' }
  | { type: 'blob-end'; id: string }
  /** A line for the reader, such as a retry. */
  | { type: 'note'; message: string }
  | { type: 'end'; task: string }

/** Called with the progress of a run. */
export type OnProgress = (event: ProgressEvent) => void
