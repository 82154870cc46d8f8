import type { OpenFile } from './open-files.js'

/**
 * In milliseconds: no copy within memory takes this long, and nobody notices a turn that is this much longer.
 */
const SLOW_MS = 3

/** How many chunks are read by another thread after a slow one, before it is tried again. */
const CAUTION = 200

/**
 * Knows which files are in the kernel's cache, by how long reading them takes. Asking a thread to read such a
 * file costs more than the reading, the more so where clients keep all cores busy; and reading any other file
 * at once would keep every client waiting.
 */
export class ReadPace {
  private readonly caution = new WeakMap<OpenFile, number>()

  /** Whether the next read of a file may be done at once. */
  isFast(file: OpenFile): boolean {
    const left = this.caution.get(file) ?? 0
    if (left > 0) this.caution.set(file, left - 1)
    return left === 0
  }

  /** @param milliseconds that a read took which was done at once */
  took(file: OpenFile, milliseconds: number): void {
    if (milliseconds > SLOW_MS) this.caution.set(file, CAUTION)
  }
}
