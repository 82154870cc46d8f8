import { closeSync, readSync } from 'node:fs'
import { openRegularSync } from '../../io/files/regular-file.js'
import { doing } from '../../io/threads/plain-failure.js'
import { Trouble } from '../../io/threads/trouble.js'
import type { SharedState } from './shared-state.js'
import type { Stream } from './task.js'

/** Small reads are served from a buffer of this size. */
const PIECE = 256 * 1024

/** The streams of all bases, one after the other, as if they were one file. */
export class BaseReader {
  readonly size: number
  private readonly parts: { stream: Stream; start: number; end: number; fd: number }[] = []
  private readonly piece = Buffer.allocUnsafeSlow(PIECE)
  private pieceStart = 0
  private pieceEnd = 0

  constructor(
    streams: readonly Stream[],
    private readonly state: SharedState,
  ) {
    let start = 0
    for (const stream of streams) {
      const end = start + stream.range.size
      this.parts.push({ stream, start, end, fd: -1 })
      start = end
    }
    this.size = start
  }

  /** Fills the target; the base must have all of those bytes. */
  read(target: Buffer, position: number): void {
    for (let done = 0; done < target.length; ) {
      const at = position + done
      if (at >= this.pieceStart && at < this.pieceEnd)
        done += this.piece.copy(target, done, at - this.pieceStart, this.pieceEnd - this.pieceStart)
      else if (target.length - done >= PIECE) done += this.readOnce(target.subarray(done), at)
      else {
        this.pieceStart = at
        this.pieceEnd = at + this.readOnce(this.piece, at)
      }
    }
  }

  close(): void {
    for (const part of this.parts) if (part.fd >= 0) closeSync(part.fd)
  }

  private readOnce(target: Buffer, position: number): number {
    const part = this.parts.find(({ end }) => position < end)
    if (!part) throw new RangeError(`there is no byte ${position} in the bases`)
    const { range, number } = part.stream
    const wanted = Math.min(target.length, part.end - position)
    const within = position - part.start
    if (number !== undefined) this.state.waitFor(number, Math.min(within + wanted, range.size))
    return doing(`Reading ${range.path}`, 'source', () => {
      if (part.fd < 0) part.fd = openRegularSync(range.path)
      const count = readSync(part.fd, target, 0, wanted, range.offset + within)
      if (count === 0)
        throw new Trouble('ARCHIVE_INVALID', `${range.path} ends before it should.`, {
          side: 'source',
          expected: `${range.offset + range.size} bytes`,
          found: `${range.offset + within} bytes`,
        })
      return count
    })
  }
}
