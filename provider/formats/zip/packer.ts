import { Readable } from 'node:stream'
import { ZipArchive } from 'archiver'
import { copies } from '../../archives/members/compression.js'
import type { Bytes } from '../../io/bytes.js'

/** The first day that a zip can name: the same images give the same bytes on every day. */
const DATE = new Date(Date.UTC(1980, 0, 1))

/**
 * A zip that is written from its first byte to its last, a member at a time. archiver queues whatever it is
 * given, so each member is waited for; what it calls a warning is an error here.
 */
export class Packer {
  private readonly archive = new ZipArchive({ store: true, forceLocalTime: false })
  private fail: (error: unknown) => void = () => {}
  /** Rejects with the first thing that goes wrong. */
  private readonly failed: Promise<never>

  constructor() {
    this.failed = new Promise<never>((_, reject) => {
      this.fail = reject
    })
    this.failed.catch(() => {})
    this.archive.on('warning', this.fail)
    this.archive.on('error', this.fail)
  }

  /** The zip, to be read while members are added. */
  get bytes(): Bytes {
    return this.archive as unknown as Bytes
  }

  /** Adds a member that is in memory: its sum stands before it. */
  async addBytes(name: string, bytes: Uint8Array): Promise<void> {
    await this.added(() => this.archive.append(Buffer.from(bytes), entry(name)))
  }

  /** Adds a member that comes in pieces. @throws what the bytes throw */
  async addStream(name: string, bytes: Bytes): Promise<void> {
    const stream = Readable.from(this.watched(copies(bytes)), { objectMode: false })
    // It was told already, and would otherwise end the process.
    stream.on('error', () => {})
    await this.added(() => this.archive.append(stream, entry(name)))
  }

  /** Resolves when the last byte was handed on. */
  async finish(): Promise<void> {
    await Promise.race([this.archive.finalize(), this.failed])
  }

  /** Whoever reads the bytes could not go on. */
  stopped(error: unknown): void {
    this.fail(error)
  }

  abort(): void {
    this.archive.abort()
    this.archive.destroy()
  }

  private async added(append: () => void): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.archive.once('entry', () => resolve())
    })
    append()
    await Promise.race([done, this.failed])
  }

  /** archiver does not pass on what a stream throws. */
  private async *watched(bytes: Bytes): Bytes {
    try {
      yield* bytes
    } catch (error) {
      this.fail(error)
      throw error
    }
  }
}

function entry(name: string): { name: string; date: Date; mode: number; store: boolean } {
  return { name, date: DATE, mode: 0o644, store: true }
}
