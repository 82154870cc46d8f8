import { Pool } from '../threads/pool.js'
import type { FollowerOrder } from './follower-worker.js'

/** The worker is told in steps of this many bytes. */
const STEP_BYTES = 8 * 1024 * 1024

/**
 * Hashes a file while it is being written: it follows behind the bytes that are final, on a thread of its
 * own, so that the hash of the whole is there a moment after the last byte.
 */
export class Follower {
  private readonly pool: Pool
  private told = 0
  private failed = false

  constructor(path: string) {
    this.pool = new Pool('follow', { size: 1, depth: Number.POSITIVE_INFINITY, data: { path } })
  }

  /** The bytes before this position will not change any more. */
  ready(upTo: number): void {
    if (upTo - this.told < STEP_BYTES) return
    this.told = upTo
    void this.hash({ upTo, isLast: false })
  }

  /** The SHA-256 of the whole file, in hex; undefined if it could not be followed. */
  async end(size: number): Promise<string | undefined> {
    const hex = await this.hash({ upTo: size, isLast: true })
    await this.stop()
    return this.failed ? undefined : hex
  }

  async stop(): Promise<void> {
    await this.pool.close()
  }

  /** If this fails the file is hashed once more; it must not make the archive fail. */
  private async hash(order: FollowerOrder): Promise<string | undefined> {
    try {
      return await this.pool.run<string | undefined>(order, { on: 0 })
    } catch {
      this.failed = true
      return undefined
    }
  }
}
