import { Readable, Writable } from 'node:stream'
import { ZipArchive } from 'archiver'
import type { Bytes } from '../../io/bytes.js'

/** The first day that a zip can express: the same images give the same bytes on any day. */
const DATE = new Date(Date.UTC(1980, 0, 1))

/** What archiver knows about the member that it is writing. */
interface Entry {
  setCrc(sum: number): void
  setSize(size: number): void
  setCompressedSize(size: number): void
}

/** The part of archiver that writes everything around the bytes of members, as far as it is used here. */
interface Engine {
  /** How many bytes of the zip it has written. */
  offset: number
  /** A member that comes as a stream is piped into this to be summed: in JavaScript, byte by byte. */
  _smartStream(entry: Entry, done: (error: unknown, entry: Entry) => void): Writable
  /** Writes what follows a member: its sum and its sizes. */
  _afterAppend(entry: Entry): void
}

/**
 * Everything in a zip around the bytes of its large members: headers, sums, the directory. archiver writes that, one
 * member at a time, as it queues whatever it is given; what it calls a warning is an error here. The large members are
 * written to their places by others, who hash and sum them in the same pass.
 */
export class Packer {
  private readonly archive = new ZipArchive({ store: true, forceLocalTime: false })
  private fail: (error: unknown) => void = () => {}
  /** Rejects with the first error. */
  private readonly failed: Promise<never>
  /** The size and sum of the member that is stored elsewhere and is done. */
  private placed = { size: 0, crc32: 0 }

  constructor() {
    this.failed = new Promise<never>((_, reject) => {
      this.fail = reject
    })
    this.failed.catch(() => {})
    this.archive.on('warning', this.fail)
    this.archive.on('error', this.fail)
    const { engine } = (this.archive as unknown as { _module: { engine: Engine } })._module
    engine._smartStream = (entry, done) => this.endOfPlaced(engine, entry, done)
  }

  /** Everything except the bytes of members that are stored elsewhere, to be read while members are added. */
  get bytes(): Bytes {
    return this.archive as unknown as Bytes
  }

  /** Adds a member that is in memory: its sum comes before it. */
  async addBytes(name: string, bytes: Uint8Array): Promise<void> {
    await this.added(() => this.archive.append(Buffer.from(bytes), entry(name)))
  }

  /**
   * Adds a member whose bytes somebody else writes after its header.
   * @param put resolves with their CRC-32 when they are there
   * @throws what `put` throws
   */
  async addPlaced(name: string, size: number, put: () => Promise<number>): Promise<void> {
    const nothing = new Readable({ read: () => {} })
    const added = this.added(() => this.archive.append(nothing, entry(name)))
    // It is thrown where it is awaited.
    added.catch(() => {})
    try {
      this.placed = { size, crc32: await Promise.race([put(), this.failed]) }
    } catch (error) {
      this.fail(error)
      throw error
    }
    nothing.push(null)
    await added
  }

  /** Resolves when the last byte was handed over. */
  async finish(): Promise<void> {
    await Promise.race([this.archive.finalize(), this.failed])
  }

  /** To be called if the reader of the bytes could not go on. */
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

  /** Takes no bytes, and reports at its end what archiver would have counted and summed. */
  private endOfPlaced(engine: Engine, entry: Entry, done: Parameters<Engine['_smartStream']>[1]): Writable {
    return new Writable({
      final: (ended) => {
        const { size, crc32 } = this.placed
        entry.setCrc(crc32)
        entry.setSize(size)
        entry.setCompressedSize(size)
        engine.offset += size
        engine._afterAppend(entry)
        done(null, entry)
        ended()
      },
    })
  }
}

function entry(name: string): { name: string; date: Date; mode: number; store: boolean } {
  return { name, date: DATE, mode: 0o644, store: true }
}
