import { writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { interrupted } from '../../../manifests/index.js'
import { failureOf } from '../threads/failure.js'
import { startWorker } from '../threads/start-worker.js'
import { combineCrc } from './crc-combine.js'
import type { GzipJob, GzipReply } from './gzip-worker.js'

/** Each worker takes so many bytes in one go; part of the format of our layers: other sizes give other bytes. */
const BLOCK_BYTES = 1 << 20
const MOST_WORKERS = 8

export interface GzipOptions {
  signal?: AbortSignal
  /** The bytes of the output before this position are final. */
  ready?(upTo: number): void
  /** So many bytes of the input were compressed since the last call. */
  onBytes?(count: number): void
}

/**
 * Compresses a file on all cores into one gzip stream (RFC 1952); returns its size. The bytes depend on the
 * input alone, not on the machine, the number of cores, or the version of Node.
 * @throws INTERRUPTED, and the system's own errors
 */
export async function gzipFile(
  path: string,
  size: number,
  fd: number,
  options: GzipOptions = {},
): Promise<number> {
  const { signal, ready, onBytes } = options
  const pool = new GzipPool(path)
  const stop = (): void => pool.fail(interrupted(signal?.reason))
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  try {
    // No name, no time, no system (255): nothing that would differ.
    let position = write(fd, Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255), 0)
    let crc = 0
    for await (const { bytes, crc: own, size: count } of pool.compress(size)) {
      position += write(fd, bytes, position)
      crc = combineCrc(crc, own, count)
      ready?.(position)
      onBytes?.(count)
    }
    const end = Buffer.alloc(10)
    // The last block: empty, of fixed codes.
    end.writeUInt16LE(3, 0)
    end.writeUInt32LE(crc, 2)
    end.writeUInt32LE(size % 2 ** 32, 6)
    return position + write(fd, end, position)
  } finally {
    signal?.removeEventListener('abort', stop)
    await pool.close()
  }
}

function write(fd: number, bytes: Uint8Array, position: number): number {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, position + done)
  return bytes.length
}

interface Block {
  bytes: Uint8Array
  crc: number
  size: number
}

class GzipPool {
  private readonly workers: Worker[]
  private readonly waiting = new Map<
    number,
    { resolve(block: { bytes: Uint8Array; crc: number }): void; reject(error: unknown): void }
  >()
  private failure: unknown

  constructor(path: string) {
    this.workers = Array.from({ length: Math.min(MOST_WORKERS, availableParallelism()) }, () => {
      const worker = startWorker('gzip', { path })
      worker.on('message', (reply: GzipReply) => this.receive(reply))
      worker.on('error', (error) => this.fail(error))
      return worker
    })
  }

  /** The blocks in order; two a worker are under way. */
  async *compress(size: number): AsyncGenerator<Block, void, undefined> {
    const running: Promise<Block>[] = []
    let next = 0
    for (;;) {
      while (next * BLOCK_BYTES < size && running.length < 2 * this.workers.length) {
        const offset = next * BLOCK_BYTES
        running.push(this.run({ id: next, offset, size: Math.min(BLOCK_BYTES, size - offset) }))
        next++
      }
      const block = running.shift()
      if (!block) return
      yield await block
    }
  }

  fail(error: unknown): void {
    this.failure ??= error
    for (const { reject } of this.waiting.values()) reject(this.failure)
    this.waiting.clear()
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private run(job: GzipJob): Promise<Block> {
    const done = new Promise<Block>((resolve, reject) => {
      if (this.failure !== undefined) reject(this.failure)
      this.waiting.set(job.id, { resolve: (block) => resolve({ ...block, size: job.size }), reject })
      this.workers[job.id % this.workers.length]?.postMessage(job)
    })
    // It is met where it is waited for, in its turn.
    done.catch(() => {})
    return done
  }

  private receive(reply: GzipReply): void {
    const waiting = this.waiting.get(reply.id)
    this.waiting.delete(reply.id)
    if ('failure' in reply) waiting?.reject(failureOf(reply.failure))
    else waiting?.resolve(reply)
  }
}
