import { closeSync, fstatSync, readSync } from 'node:fs'
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Bytes } from '../../io/bytes.js'
import { openRegularSync } from '../../io/files/regular-file.js'
import { fromSystem } from '../../io/files/system-errors.js'

/** A place in a run of bytes that moves forward only. */
export interface Cursor {
  /** Bytes from the start. */
  readonly position: number
  /** The next bytes: as many as asked for, fewer only at the end. */
  take(count: number): Promise<Uint8Array>
  /** Moves on; returns false where the end comes first. */
  skip(count: number): Promise<boolean>
  close(): Promise<void>
}

const AHEAD = 64 * 1024
/** After this many pieces, signals and other waiting work get a turn. */
const TURN = 4096

/**
 * A cursor over a file, or over a range of it: skipping costs nothing, so that a large archive is indexed in a
 * moment.
 * @param lent the file, where it is open already; it stays open
 */
export function fileCursor(
  path: string,
  range?: { offset: number; size: number },
  lent?: { fd: number },
): Cursor & { size: number } {
  const fd = lent?.fd ?? opened(path)
  const start = range?.offset ?? 0
  const size = Math.min(range?.size ?? Number.POSITIVE_INFINITY, Math.max(0, fstatSync(fd).size - start))
  const ahead = Buffer.allocUnsafe(AHEAD)
  let aheadAt = 0
  let aheadLength = 0
  let position = 0
  let taken = 0

  /** Synchronous on purpose: an archive of 50,000 members would cost as many promises and thread hops. */
  function takeSync(count: number): Uint8Array {
    if (count > AHEAD) return readWhole(fd, start + position, Math.min(count, size - position))
    if (position < aheadAt || position + count > aheadAt + aheadLength) {
      aheadAt = position
      aheadLength = readSync(fd, ahead, 0, Math.min(AHEAD, size - position), start + position)
    }
    const from = position - aheadAt
    return Buffer.from(ahead.subarray(from, Math.min(from + count, aheadLength)))
  }

  return {
    size,
    get position() {
      return position
    },
    async take(count) {
      if (++taken % TURN === 0) await othersTurn()
      const bytes = takeSync(count)
      position += bytes.length
      return bytes
    },
    async skip(count) {
      if (position + count > size) return false
      position += count
      return true
    },
    async close() {
      if (!lent) closeSync(fd)
    },
  }
}

function opened(path: string): number {
  try {
    return openRegularSync(path)
  } catch (error) {
    throw fromSystem(error, `Opening ${path}`, 'source')
  }
}

function readWhole(fd: number, position: number, count: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(count)
  let filled = 0
  while (filled < count) {
    const read = readSync(fd, buffer, filled, count - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return buffer.subarray(0, filled)
}

/** A cursor over bytes that come one after the other, such as those of a decompressor. */
export function streamCursor(bytes: Bytes): Cursor & { rest(count: number): Bytes } {
  const iterator = bytes[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)
  let position = 0

  async function more(): Promise<boolean> {
    while (held.length === 0) {
      const { done, value } = await iterator.next()
      if (done) return false
      held = value
    }
    return true
  }

  /** Hands out the next bytes, at most `count`, without copying. */
  function cut(count: number): Uint8Array {
    const part = held.subarray(0, count)
    held = held.subarray(part.length)
    position += part.length
    return part
  }

  async function* rest(count: number): Bytes {
    let left = count
    while (left > 0 && (await more())) {
      const part = cut(left)
      left -= part.length
      yield part
    }
  }

  return {
    get position() {
      return position
    },
    async take(count) {
      const parts: Uint8Array[] = []
      for await (const part of rest(count)) parts.push(Buffer.from(part))
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    },
    async skip(count) {
      let left = count
      while (left > 0 && (await more())) left -= cut(left).length
      return left === 0
    },
    rest,
    async close() {
      await iterator.return?.()
    },
  }
}
