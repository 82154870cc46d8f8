import type { Worker } from 'node:worker_threads'
import { startWorker } from '../io/threads/start-worker.js'
import type { PasswordOrder, PasswordReply } from './password-worker.js'

/** More that wait at once are guesses, and are turned away without being looked at. */
const MOST_WAITING = 32

/** Compares passwords with bcrypt hashes, one at a time, on a thread of its own. */
export class Passwords {
  private worker: Worker | undefined
  private readonly waiting = new Map<number, (isRight: boolean) => void>()
  private lastId = 0

  get isOverrun(): boolean {
    return this.waiting.size >= MOST_WAITING
  }

  /** Whether a password has a hash; false as well where the thread ended. */
  compare(password: string, hash: string): Promise<boolean> {
    const worker = this.worker ?? this.start()
    return new Promise((resolve) => {
      const id = ++this.lastId
      this.waiting.set(id, resolve)
      worker.postMessage({ id, password, hash } satisfies PasswordOrder)
    })
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  private start(): Worker {
    const worker = startWorker('password', {})
    worker.unref()
    worker.on('message', ({ id, isRight }: PasswordReply) => {
      this.waiting.get(id)?.(isRight)
      this.waiting.delete(id)
    })
    worker.on('error', () => this.lose())
    worker.on('exit', () => this.lose())
    this.worker = worker
    return worker
  }

  private lose(): void {
    this.worker = undefined
    for (const resolve of this.waiting.values()) resolve(false)
    this.waiting.clear()
  }
}
