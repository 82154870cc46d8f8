import { read, readSync } from 'node:fs'
import type { OpenFile } from './open-files.js'
import { ReadPace } from './read-pace.js'

/**
 * A piece of a file in memory. Clients that read the same blob at the same time share it: what one of them made the
 * kernel copy into this process, the others find in the processor's cache.
 */
export interface Chunk {
  readonly bytes: Buffer
  /** How many of them are the file's; known when it is ready. */
  length: number
  readonly file: OpenFile
  readonly number: number
  users: number
  state: 'reading' | 'ready' | 'failed'
  error?: Error
  waiting: ((chunk: Chunk) => void)[]
}

/** The chunks of one file, by their number. */
type FileChunks = Map<number, Chunk>

/**
 * In bytes. Measured with ten clients: smaller ones cost calls, larger ones fall out of the processor's cache
 * before the last client has taken them.
 */
export const CHUNK_BYTES = 128 * 1024

/** In bytes, of all chunks together. */
const MOST_BYTES = 32 * 1024 * 1024

/** A bounded number of chunks, of which those are read into again that were used least recently. */
export class ChunkCache {
  private readonly most: number
  private made = 0
  private readonly pace = new ReadPace()
  private readonly byFile = new Map<OpenFile, FileChunks>()
  private readonly free: Buffer[] = []
  /** Ready, and used by nobody; the one that was used last is the last. */
  private readonly resting = new Set<Chunk>()

  /** @param mostBytes of all chunks together */
  constructor(mostBytes = MOST_BYTES) {
    this.most = mostBytes / CHUNK_BYTES
  }

  /**
   * Calls `then` with a chunk, at once where it is there, and counts a user of it: give it back with `give`.
   * @returns false where every chunk is in use, and then `then` is not called
   */
  take(file: OpenFile, number: number, then: (chunk: Chunk) => void): boolean {
    const chunks = this.chunksOf(file)
    const known = chunks.get(number)
    if (known) {
      this.resting.delete(known)
      known.users++
      if (known.state === 'reading') known.waiting.push(then)
      else then(known)
      return true
    }
    const bytes = this.buffer()
    if (!bytes) return false
    const chunk: Chunk = { bytes, length: 0, file, number, users: 1, state: 'reading', waiting: [then] }
    chunks.set(number, chunk)
    this.fill(chunk)
    return true
  }

  give(chunk: Chunk): void {
    if (--chunk.users > 0) return
    if (this.byFile.get(chunk.file)?.get(chunk.number) === chunk) this.resting.add(chunk)
    else this.free.push(chunk.bytes)
  }

  /** Forgets what was read of a file. Chunks that are still in use become free when they are given back. */
  forget(file: OpenFile): void {
    for (const chunk of this.byFile.get(file)?.values() ?? [])
      if (this.resting.delete(chunk)) this.free.push(chunk.bytes)
    this.byFile.delete(file)
  }

  private chunksOf(file: OpenFile): FileChunks {
    const known = this.byFile.get(file)
    if (known) return known
    const chunks: FileChunks = new Map()
    this.byFile.set(file, chunks)
    return chunks
  }

  private buffer(): Buffer | undefined {
    const free = this.free.pop()
    if (free) return free
    if (this.made < this.most) {
      this.made++
      return Buffer.allocUnsafeSlow(CHUNK_BYTES)
    }
    for (const oldest of this.resting) {
      this.resting.delete(oldest)
      this.byFile.get(oldest.file)?.delete(oldest.number)
      return oldest.bytes
    }
    return undefined
  }

  private fill(chunk: Chunk): void {
    const { file, number, bytes } = chunk
    const position = number * CHUNK_BYTES
    const length = Math.min(CHUNK_BYTES, file.size - position)
    if (this.pace.isFast(file)) this.fillNow(chunk, length, position)
    else
      read(file.fd, bytes, 0, length, position, (error, count) => {
        this.filled(chunk, error ?? undefined, count)
      })
  }

  /** From the kernel's memory sooner than another thread would be asked. */
  private fillNow(chunk: Chunk, length: number, position: number): void {
    const began = performance.now()
    try {
      const count = readSync(chunk.file.fd, chunk.bytes, 0, length, position)
      this.pace.took(chunk.file, performance.now() - began)
      this.filled(chunk, undefined, count)
    } catch (error) {
      this.filled(chunk, error as Error, 0)
    }
  }

  private filled(chunk: Chunk, error: Error | undefined, count: number): void {
    chunk.length = count
    chunk.state = error ? 'failed' : 'ready'
    if (error) {
      chunk.error = error
      this.byFile.get(chunk.file)?.delete(chunk.number)
    }
    for (const then of chunk.waiting.splice(0)) then(chunk)
  }
}
