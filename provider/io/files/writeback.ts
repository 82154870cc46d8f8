import { fdatasync } from 'node:fs'

/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 64 * 1024 * 1024

/**
 * Has the disk begin while more is being written, one sync at a time. Whoever began it asks `settled` before the file
 * is closed: the system tells of a write that failed once, and the sync at the end would not tell of it again.
 */
export class Writeback {
  private unsynced = 0
  private underWay: Promise<void> | undefined
  private failure: { error: unknown } | undefined

  /** @param sync begins to write what the system holds back; resolves when it is on the disk */
  constructor(private readonly sync: () => Promise<void>) {}

  wrote(count: number): void {
    this.unsynced += count
    if (this.unsynced < WRITEBACK_BYTES || this.underWay) return
    this.unsynced = 0
    this.underWay = this.sync()
      .catch((error) => {
        this.failure ??= { error }
      })
      .finally(() => {
        this.underWay = undefined
      })
  }

  /** Resolves when none is under way. @throws where one has failed: what is in the file cannot be trusted then */
  async settled(): Promise<void> {
    await this.underWay
    if (this.failure) throw this.failure.error
  }
}

/** Has the system write what it holds back of an open file, on a thread of the pool. */
export function syncData(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
