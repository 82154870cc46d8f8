import { availableParallelism } from 'node:os'
import { ContainerImageError, interrupted, throwIfAborted } from '../../../manifests/index.js'
import { failureOf } from '../threads/failure.js'
import { plainFailure } from '../threads/plain-failure.js'
import { Pool } from '../threads/pool.js'
import { type RangeJob, type RangeResult, runRangeJob } from './range-job.js'

/** Below this a worker's start costs more than the work. */
const SMALL_BYTES = 8 * 1024 * 1024
/** More threads than this would wait for memory or the disk, not for a processor. */
const MOST_WORKERS = 4

export interface HashOptions {
  signal?: AbortSignal
  onBytes?: (count: number) => void
}

/**
 * Hashes, and copies, ranges of files on all cores. Small ranges are done at once on the calling thread.
 * Close it when the work is over.
 */
export class Hasher {
  private readonly pool: Pool

  constructor(workers = Math.min(MOST_WORKERS, availableParallelism())) {
    this.pool = new Pool('hash', { size: workers })
  }

  /**
   * The hash of all bytes of the range, in hex, empty where the job has no algorithm; and the CRC-32 of its sections if the job has some; there is none of fewer. Returns when no thread works on the job any
   * more: its target may be removed then.
   * @throws SIZE_MISMATCH where the file ends before the range does, with `details.bytes` that were there;
   * INTERRUPTED; the system's errors in our words, with the side on which they happened
   */
  async run(job: RangeJob, options: HashOptions = {}): Promise<{ hex: string; crc32s?: number[] }> {
    const { signal } = options
    throwIfAborted(signal)
    const isSmall = job.source.size <= SMALL_BYTES
    const result = await (isSmall ? runHere(job, options) : this.pool.run<RangeResult>(job, options))
    if (signal?.aborted || result.state === 'stopped') throw interrupted(signal?.reason)
    if (result.state === 'short') throw endsEarly(job, result.bytes)
    const { hex, crc32s } = result
    return crc32s ? { hex, crc32s } : { hex }
  }

  /** Ends what is under way; anyone still waiting for it is told. */
  async close(): Promise<void> {
    await this.pool.close()
  }
}

async function runHere(job: RangeJob, { onBytes }: HashOptions): Promise<RangeResult> {
  try {
    return await runRangeJob(job, (count) => {
      onBytes?.(count)
      return true
    })
  } catch (error) {
    throw failureOf(plainFailure(error))
  }
}

function endsEarly({ source }: RangeJob, bytes: number): ContainerImageError {
  return new ContainerImageError('SIZE_MISMATCH', `${source.path} ends too early.`, {
    side: 'source',
    expected: `${source.size} bytes from byte ${source.offset} on`,
    found: `${bytes} bytes`,
    details: { path: source.path, bytes },
  })
}
