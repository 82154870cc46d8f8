import { createHash, hash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { printable } from '../../../../manifests/index.js'
import { openRegularSync } from '../../../io/files/regular-file.js'
import { Trouble } from '../../../io/threads/trouble.js'
import type { Encoders } from '../codecs/encoders.js'
import { chunkCount, tableEntrySize } from '../read/resource.js'
import { inBuffer, SHA1_SIZE, Sha1Index } from '../read/sha1-index.js'
import type {
  ChunksTask,
  EncodeAnswer,
  EncodeJob,
  EncodeSetup,
  GatheredTask,
  HashTask,
  InputPlaces,
  WriteCompression,
} from './encode-job.js'

/** Files stay open between tasks: the many files of a layer are ranges of one. */
const MAX_OPEN = 16

/** Reads, hashes and compresses in the encoders' memory. */
export class Encoder {
  private readonly known = new Sha1Index()
  private readonly open = new Map<string, number>()

  constructor(
    private readonly encoders: Encoders,
    private readonly setup: EncodeSetup,
  ) {}

  run(job: EncodeJob): EncodeAnswer {
    const inputAt = this.encoders.base + job.inputAt
    const outputAt = this.encoders.base + job.outputAt
    switch (job.kind) {
      case 'gathered':
        return this.gathered(job, inputAt, outputAt)
      case 'chunks':
        return this.chunks(job, inputAt, outputAt)
      case 'hash':
        return this.hash(job, inputAt)
    }
  }

  close(): void {
    for (const fd of this.open.values()) closeSync(fd)
    this.open.clear()
  }

  private gathered(task: GatheredTask, inputAt: number, outputAt: number): EncodeAnswer {
    const known = inBuffer(task.known)
    for (let at = 0; at < known.length; at += SHA1_SIZE) this.known.add(known, at)
    this.readInput(task.input, inputAt)
    const { places } = task.input
    const count = places.length / 3
    const hashes = Buffer.alloc(count * SHA1_SIZE)
    const stored = new Float64Array(count)
    let from = inputAt
    let to = outputAt
    for (let i = 0; i < count; i++) {
      const size = places[3 * i + 2] ?? 0
      const at = i * SHA1_SIZE
      hashes.write(hash('sha1', this.encoders.bytes.subarray(from, from + size), 'hex'), at, 'hex')
      if (this.known.find(hashes, at) >= 0) stored[i] = -1
      else {
        this.known.add(hashes, at)
        stored[i] = this.resource(from, size, to)
        to += stored[i] ?? 0
      }
      from += size
    }
    return { kind: 'gathered', hashes, stored }
  }

  /**
   * Writes a whole resource: a chunk table and chunks, or the bytes as they are if that would not be smaller.
   */
  private resource(from: number, size: number, to: number): number {
    const { compression, chunkSize } = this.setup
    const { bytes } = this.encoders
    if (compression !== 'none') {
      const count = chunkCount(size, chunkSize)
      const entry = tableEntrySize(size)
      const data = to + (count - 1) * entry
      let at = data
      for (let i = 0; i < count; i++) {
        if (i > 0) bytes.writeUInt32LE(at - data, to + (i - 1) * entry)
        at += this.chunk(compression, from + i * chunkSize, Math.min(chunkSize, size - i * chunkSize), at)
      }
      if (at - to < size) return at - to
    }
    bytes.copyWithin(to, from, from + size)
    return size
  }

  private chunks(task: ChunksTask, inputAt: number, outputAt: number): EncodeAnswer {
    const size = this.readInput(task.input, inputAt)
    const { compression } = task
    const { chunkSize } = this.setup
    // What is not compressed is written from where it was read to.
    if (compression === 'none') return { kind: 'chunks', sizes: Float64Array.of(size) }
    const sizes = new Float64Array(chunkCount(size, chunkSize))
    let at = outputAt
    for (let i = 0; i < sizes.length; i++) {
      const from = i * chunkSize
      sizes[i] = this.chunk(compression, inputAt + from, Math.min(chunkSize, size - from), at)
      at += sizes[i] ?? 0
    }
    return { kind: 'chunks', sizes }
  }

  /** One chunk, stored as it is if it does not become smaller. */
  private chunk(compression: WriteCompression, from: number, size: number, to: number): number {
    const { encoders } = this
    const stored =
      compression === 'lzx'
        ? encoders.lzx(from, size, to, this.setup.chunkSize)
        : encoders.xpress(from, size, to)
    if (stored > 0) return stored
    encoders.bytes.copyWithin(to, from, from + size)
    return size
  }

  private hash(task: HashTask, inputAt: number): EncodeAnswer {
    const digest = createHash('sha1')
    const { unitSize } = this.setup
    for (let done = 0; done < task.size; done += unitSize) {
      const size = Math.min(unitSize, task.size - done)
      this.read(task.path, task.offset + done, size, inputAt)
      digest.update(this.encoders.bytes.subarray(inputAt, inputAt + size))
    }
    return { kind: 'hash', hash: new Uint8Array(digest.digest()) }
  }

  private readInput({ paths, places }: InputPlaces, inputAt: number): number {
    let at = inputAt
    for (let i = 0; i < places.length; i += 3) {
      const path = paths[places[i] ?? -1]
      const size = places[i + 2] ?? 0
      if (path !== undefined) this.read(path, places[i + 1] ?? 0, size, at)
      at += size
    }
    return at - inputAt
  }

  private read(path: string, offset: number, size: number, to: number): void {
    const fd = this.opened(path)
    for (let done = 0; done < size; ) {
      const count = readSync(fd, this.encoders.bytes, to + done, size - done, offset + done)
      if (count === 0)
        throw new Trouble('ARCHIVE_INVALID', `${printable(path)} ends before it should.`, {
          side: 'source',
          expected: `${offset + size} bytes`,
          found: `${offset + done} bytes`,
        })
      done += count
    }
  }

  private opened(path: string): number {
    const known = this.open.get(path)
    if (known !== undefined) return known
    const [oldest] = this.open
    if (oldest && this.open.size >= MAX_OPEN) {
      closeSync(oldest[1])
      this.open.delete(oldest[0])
    }
    const fd = openRegularSync(path)
    this.open.set(path, fd)
    return fd
  }
}
