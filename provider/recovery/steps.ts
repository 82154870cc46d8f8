import { closeSync, readSync, writeSync } from 'node:fs'
import { BUFFER_BYTES } from '../io/files/buffer-size.js'
import { openOwnSync } from '../io/files/own-file.js'
import { openRegularSync } from '../io/files/regular-file.js'
import { doing } from '../io/threads/plain-failure.js'

/** Asked between the steps of a worker; throws where the work is to stop. */
export type Checkpoint = () => void

/** One buffer a worker: orders are done one after the other. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)

/** Runs a step with a file that is open for as long. */
export function withFile<T>(path: string, flags: 'r' | 'r+', step: (fd: number) => T): T {
  const [what, side] =
    flags === 'r' ? (['Reading', 'source'] as const) : (['Writing', 'destination'] as const)
  return doing(`${what} ${path}`, side, () => {
    const fd = flags === 'r' ? openRegularSync(path) : openOwnSync(path)
    try {
      return step(fd)
    } finally {
      closeSync(fd)
    }
  })
}

/**
 * Hands a range of a file over in pieces of 1 MiB, each valid only during the call, until `take` gives false.
 * @returns how many bytes there were
 */
export function eachPiece(
  fd: number,
  position: number,
  length: number,
  checkpoint: Checkpoint,
  take: (piece: Buffer) => unknown,
): number {
  let done = 0
  while (done < length) {
    checkpoint()
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, length - done), position + done)
    if (read === 0) break
    done += read
    if (take(buffer.subarray(0, read)) === false) break
  }
  return done
}

/** Fills a buffer from a file. @returns how many bytes there were */
export function readFully(fd: number, target: Buffer, position: number): number {
  let done = 0
  while (done < target.length) {
    const read = readSync(fd, target, done, target.length - done, position + done)
    if (read === 0) break
    done += read
  }
  return done
}

export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, position + done)
}
