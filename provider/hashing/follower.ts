import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
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

  constructor(path: string) {
    this.worker = new Worker(new URL('./follower-worker.js', import.meta.url), { workerData: { path } })
    this.worker.unref()
    // A failure is thrown by `end`; a run that never gets there has a failure of its own to report.
    this.worker.on('error', () => {})
  }

  /** The bytes before this position will not change any more. */
  ready(upTo: number): void {
    if (upTo - this.told < STEP_BYTES) return
    this.told = upTo
    this.worker.postMessage({ type: 'ready', upTo } satisfies FollowerOrder)
  }

  /** The SHA-256 of the whole file, in hex. @throws the system's own errors */
  async end(size: number): Promise<string> {
    this.worker.ref()
    const answered = once(this.worker, 'message') as Promise<[FollowerReply]>
    this.worker.postMessage({ type: 'end', upTo: size } satisfies FollowerOrder)
    const [reply] = await answered
    await this.worker.terminate()
    if ('hex' in reply) return reply.hex
    throw Object.assign(new Error(reply.message), reply.code ? { code: reply.code } : {})
  }

  async stop(): Promise<void> {
    await this.worker.terminate()
  }
}
