import { fdatasync } from 'node:fs'

/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 64 * 1024 * 1024

/**
 * Makes the disk start while more is being written, one sync at a time. The caller awaits `settled` before
 * closing the file: the system reports a failed write only once, and the sync at the end would not report it
 * again.
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

  /**
   * Resolves when none is under way.
   * @throws if one has failed: then the content of the file cannot be trusted
   */
  async settled(): Promise<void> {
    await this.underWay
    if (this.failure) throw this.failure.error
  }
}

/** Has the system write out what it has buffered for an open file, on a pool thread. */
export function syncData(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
