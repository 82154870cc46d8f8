import type { ProgressEvent } from '../../provider/index.js'

/** Shows progress events to a reader. */
export interface Display {
  show(event: ProgressEvent): void
  /** Leaves the terminal as it was; afterwards only notes are shown. May be called again. */
  close(): void
}
