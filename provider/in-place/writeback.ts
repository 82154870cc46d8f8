import type { PartFile } from './part-file.js'

/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 64 * 1024 * 1024

/** Tells the disk to begin while the network still delivers, one sync at a time. */
export class Writeback {
  private unsynced = 0
  private underWay: Promise<void> | undefined

  wrote(count: number, part: PartFile): void {
    this.unsynced += count
    if (this.unsynced < WRITEBACK_BYTES || this.underWay) return
    this.unsynced = 0
    this.underWay = part.handle.datasync().finally(() => {
      this.underWay = undefined
    })
    // A failure shows again in the sync at the end, which is waited for.
    this.underWay.catch(() => {})
  }

  async settled(): Promise<void> {
    await this.underWay
  }
}
