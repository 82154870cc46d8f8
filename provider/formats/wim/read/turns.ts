import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../../../manifests/index.js'

/** How many entries and streams a tree's reader takes in one go: a few milliseconds. */
const TURN = 1000

/**
 * Long work on a tree yields now and then, so that workers that have finished get more to do, and
 * interruptions are noticed.
 */
export class Turns {
  private over = TURN
  private done = 0

  constructor(private readonly signal?: AbortSignal) {}

  /** @param done entries and streams so far */
  isOver(done: number): boolean {
    this.done = done
    return done >= this.over
  }

  /** @param more entries and streams since the last call */
  isDue(more: number): boolean {
    return this.isOver(this.done + more)
  }

  async pass(): Promise<void> {
    this.over = this.done + TURN
    await setImmediate()
    throwIfAborted(this.signal)
  }
}
