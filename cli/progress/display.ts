import type { ProgressEvent } from '../../provider/index.js'

/** Shows progress events to a reader. */
export interface Display {
  show(event: ProgressEvent): void
  /** Leaves the terminal as it was; nothing but notes is shown afterwards. May be called again. */
  close(): void
}
