const PIECE = 1 << 18

/** Where a record was put. */
export interface Room {
  bytes: Buffer
  /** In `bytes`. */
  at: number
}

/**
 * An image's metadata while it is laid out. It consists of pieces, so that nothing is copied as it grows; no record is
 * in two of them.
 */
export class MetadataBytes {
  size = 0
  private readonly pieces: { start: number; bytes: Buffer; used: number }[] = []

  /** Room for a record, filled with zeros. */
  take(size: number): Room {
    let piece = this.pieces.at(-1)
    if (!piece || piece.used + size > piece.bytes.length) {
      piece = { start: this.size, bytes: Buffer.alloc(Math.max(PIECE, size)), used: 0 }
      this.pieces.push(piece)
    }
    const at = piece.used
    piece.used += size
    this.size += size
    return { bytes: piece.bytes, at }
  }

  /** Where a byte of the metadata is. */
  find(position: number): Room {
    let [from, to] = [0, this.pieces.length]
    while (to - from > 1) {
      const middle = (from + to) >>> 1
      if ((this.pieces[middle]?.start ?? 0) <= position) from = middle
      else to = middle
    }
    const { start = 0, bytes = Buffer.alloc(0) } = this.pieces[from] ?? {}
    return { bytes, at: position - start }
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (const { bytes, used } of this.pieces) yield bytes.subarray(0, used)
  }
}
