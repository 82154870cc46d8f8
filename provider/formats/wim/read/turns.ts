import { setImmediate } from 'node:timers/promises'

/** How many entries a tree's reader takes in one go: a few milliseconds. */
const TURN = 1000

/** Long work on a tree gives way now and then, so that workers which have done theirs get more. */
export class Turns {
  private over = TURN

  /** @param done entries so far */
  isOver(done: number): boolean {
    return done >= this.over
  }

  async pass(): Promise<void> {
    this.over += TURN
    await setImmediate()
  }
}
