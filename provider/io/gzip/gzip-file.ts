import { writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { throwIfAborted } from '../../../manifests/index.js'
import { Pool } from '../threads/pool.js'
import { combineCrc } from './crc-combine.js'
import type { GzipBlock, GzipJob } from './gzip-worker.js'

/** Each worker takes so many bytes in one go; part of the format of our layers: other sizes give other bytes. */
const BLOCK_BYTES = 1 << 20
const MOST_WORKERS = 8
/** A worker has the next block while this thread writes the last one. */
const DEPTH = 2

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
  throwIfAborted(signal)
  const workers = Math.min(MOST_WORKERS, availableParallelism())
  const pool = new Pool('gzip', { size: workers, depth: DEPTH, data: { path } })
  try {
    // No name, no time, no system (255): nothing that would differ.
    let position = write(fd, Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255), 0)
    let crc = 0
    for await (const { bytes, crc: own, size: count } of compress(pool, size, signal)) {
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
    await pool.close()
  }
}

function write(fd: number, bytes: Uint8Array, position: number): number {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, position + done)
  return bytes.length
}

/** The blocks in order. */
async function* compress(
  pool: Pool,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<GzipBlock, void, undefined> {
  const running: Promise<GzipBlock>[] = []
  for (let offset = 0; ; ) {
    for (; offset < size && running.length < DEPTH * pool.size; offset += BLOCK_BYTES) {
      const job: GzipJob = { offset, size: Math.min(BLOCK_BYTES, size - offset) }
      const block = pool.run<GzipBlock>(job, { signal })
      // A failure is handled where it is awaited, in its turn.
      block.catch(() => {})
      running.push(block)
    }
    const block = running.shift()
    if (!block) return
    yield await block
  }
}
