import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { startWorker } from '../threads/start-worker.js'
import type { FollowerOrder, FollowerReply } from './follower-worker.js'

/** The worker is told in steps of this many bytes. */
const STEP_BYTES = 8 * 1024 * 1024

/**
 * Hashes a file while it is being written: it follows behind the bytes that are final, on a thread of its
 * own, so that the hash of the whole is there a moment after the last byte.
 */
export class Follower {
  private readonly worker: Worker
  private told = 0
  private failed = false

  constructor(path: string) {
    this.worker = startWorker('follow', { path })
    this.worker.unref()
    this.worker.on('error', () => {
      this.failed = true
    })
  }

  /** The bytes before this position will not change any more. */
  ready(upTo: number): void {
    if (upTo - this.told < STEP_BYTES) return
    this.told = upTo
    this.worker.postMessage({ type: 'ready', upTo } satisfies FollowerOrder)
  }

  /** The SHA-256 of the whole file, in hex; undefined where it could not be followed. */
  async end(size: number): Promise<string | undefined> {
    if (this.failed) return undefined
    this.worker.ref()
    const answered = once(this.worker, 'message') as Promise<[FollowerReply]>
    this.worker.postMessage({ type: 'end', upTo: size } satisfies FollowerOrder)
    // The file is hashed once more where this fails; that must not be a reason for the archive to fail.
    const [reply] = await answered.catch((): [FollowerReply] => [{ message: 'the thread ended' }])
    await this.worker.terminate()
    return 'hex' in reply ? reply.hex : undefined
  }

  async stop(): Promise<void> {
    await this.worker.terminate()
  }
}
