import { Pool } from '../io/threads/pool.js'
import type { PasswordOrder } from './password-worker.js'

/** If more are waiting at once they are guesses, and are turned away unchecked. */
const MOST_WAITING = 32

/** Compares passwords with bcrypt hashes, one at a time, on a thread of its own. */
export class Passwords {
  private readonly pool = new Pool('password', { size: 1 })
  private waiting = 0

  get isOverrun(): boolean {
    return this.waiting >= MOST_WAITING
  }

  /** Whether a password has a hash; false as well where the thread ended. */
  async compare(password: string, hash: string): Promise<boolean> {
    this.waiting++
    try {
      return await this.pool.run<boolean>({ password, hash } satisfies PasswordOrder)
    } catch {
      return false
    } finally {
      this.waiting--
    }
  }

  async close(): Promise<void> {
    await this.pool.close()
  }
}
