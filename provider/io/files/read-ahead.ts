/** In bytes. */
const WINDOW = 256 * 1024

/** What a file's own handle can do, too. */
export interface PositionedReads {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
}

/**
 * Small pieces of a file that are requested in roughly the order in which they are stored: more than the next
 * one is read at once. Otherwise a zip with a hundred thousand records would mean a million reads. A piece
 * far from the last one is read alone.
 */
export class ReadAhead implements PositionedReads {
  private window = { start: 0, bytes: Buffer.alloc(0) }
  /** Where the last piece ended. */
  private last = 0

  /** @param fill reads from a place into a buffer, and says how many bytes there were */
  constructor(private readonly fill: (buffer: Buffer, position: number) => Promise<number>) {}

  async read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }> {
    const { start, bytes } = await this.windowAt(position, length)
    const bytesRead = bytes.copy(buffer, offset, position - start, position - start + length)
    this.last = position + bytesRead
    return { bytesRead }
  }

  private async windowAt(position: number, length: number): Promise<ReadAhead['window']> {
    const { start, bytes } = this.window
    if (position >= start && position < start + bytes.length) return this.window
    const isNear = Math.abs(position - this.last) < WINDOW
    const buffer = Buffer.allocUnsafeSlow(isNear ? Math.max(WINDOW, length) : length)
    const read = await this.fill(buffer, position)
    // Others may read in the meantime: each uses the window that it has loaded.
    const window = { start: position, bytes: buffer.subarray(0, read) }
    this.window = window
    return window
  }
}
