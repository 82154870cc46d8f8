import { read } from 'node:fs'
import type { OpenFile } from './open-files.js'

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
    read(file.fd, bytes, 0, Math.min(CHUNK_BYTES, file.size - position), position, (error, count) => {
      chunk.length = count ?? 0
      chunk.state = error ? 'failed' : 'ready'
      if (error) {
        chunk.error = error
        this.byFile.get(file)?.delete(number)
      }
      for (const then of chunk.waiting.splice(0)) then(chunk)
    })
  }
}
