import type { FileHandle } from 'node:fs/promises'
import type { Bytes, FileRange, ReadOptions } from '../bytes.js'
import { chunksOf } from './read-range.js'
import { openRegular } from './regular-file.js'
import { fromSystem, inWords } from './system-errors.js'

/**
 * A file that is read piece by piece is read again at once, or not for a long time; one that nobody reads
 * should not stay open and in the way.
 */
const LINGER_MS = 2000

/**
 * A file from outside from which many pieces are read: it is opened once for all of them, and stays open as
 * long as somebody reads it and a moment longer. Reading from it after that, or after it was closed, opens it
 * again.
 */
export class SharedFile {
  private handle: Promise<FileHandle> | undefined
  private readers = 0
  private lingering: NodeJS.Timeout | undefined
  private isClosed = false

  constructor(readonly path: string) {}

  /** Lends the file to some work. @throws NOT_A_FILE, PATH_NOT_FOUND, PERMISSION_DENIED and what the work throws */
  async lend<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await inWords(`Opening ${this.path}`, 'source', () => this.borrow())
    try {
      return await work(file)
    } finally {
      await this.giveBack()
    }
  }

  /** Bytes of the file. @throws as readRange */
  async *read(offset: number, size: number, options: ReadOptions = {}): Bytes {
    const range: FileRange = { path: this.path, offset, size }
    const file = await this.borrow().catch((error) => {
      throw fromSystem(error, `Reading ${this.path}`, 'source')
    })
    try {
      yield* chunksOf(file, range, options)
    } finally {
      await this.giveBack()
    }
  }

  /** Readers that are still at work finish. */
  async close(): Promise<void> {
    this.isClosed = true
    if (this.readers === 0) await this.release()
  }

  private async borrow(): Promise<FileHandle> {
    clearTimeout(this.lingering)
    this.readers++
    this.handle ??= openRegular(this.path)
    try {
      return await this.handle
    } catch (error) {
      this.readers--
      this.handle = undefined
      throw error
    }
  }

  private async giveBack(): Promise<void> {
    this.readers--
    if (this.readers > 0) return
    if (this.isClosed) return await this.release()
    this.lingering = setTimeout(() => void this.release().catch(() => {}), LINGER_MS).unref()
  }

  private async release(): Promise<void> {
    clearTimeout(this.lingering)
    const { handle } = this
    this.handle = undefined
    await (await handle)?.close()
  }
}
