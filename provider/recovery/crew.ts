import { availableParallelism } from 'node:os'
import { throwIfAborted } from '../../manifests/index.js'
import { Pool } from '../io/threads/pool.js'
import type { Answers, Order } from './order.js'

/** More would wait for the memory, not for a processor. */
const MOST_WORKERS = 16

/** Workers for hashes and rows, started with their first order: small sets need one or none. */
export class Crew {
  private readonly pool: Pool

  constructor(
    private readonly signal?: AbortSignal,
    workers = Math.min(MOST_WORKERS, availableParallelism()),
  ) {
    throwIfAborted(signal)
    this.pool = new Pool('recovery', { size: workers })
  }

  get size(): number {
    return this.pool.size
  }

  /**
   * Has an order carried out by whoever is free, or by one certain worker.
   * @throws INTERRUPTED; the system's errors in our words
   */
  run<O extends Order>(order: O, on?: number): Promise<Answers[O['type']]> {
    return this.pool.run(order, { signal: this.signal, on })
  }

  /** Has every worker carry out an order at the same time. */
  all<O extends Order>(orderFor: (number: number) => O): Promise<Answers[O['type']][]> {
    return Promise.all(Array.from({ length: this.size }, (_, number) => this.run(orderFor(number), number)))
  }

  /** Nobody writes to a file any more when this returns. */
  async close(): Promise<void> {
    await this.pool.close()
  }
}
