import { closeSync, readSync, writeSync } from 'node:fs'
import type { FileRange } from '../../io/bytes.js'
import { BUFFER_BYTES } from '../../io/files/buffer-size.js'
import { openNewSync } from '../../io/files/own-file.js'
import { openRegularSync } from '../../io/files/regular-file.js'
import { doing } from '../../io/threads/plain-failure.js'
import { Trouble } from '../../io/threads/trouble.js'
import { type Kernel, MARGIN, STATUS } from './kernel/kernel.js'

const OUTPUT = 2 * BUFFER_BYTES
/** How much memory this needs in a kernel. */
export const UNPACK_MEMORY = 2 * BUFFER_BYTES + OUTPUT + 4 * MARGIN

/**
 * Hands over the tokens of a gzip file.
 * @param take gets an address in the kernel's memory, valid during the call
 * @throws Trouble with ARCHIVE_INVALID if it is not gzip, is damaged or cut short; with ARCHIVE_UNKNOWN if it is
 * written in a way that tokens cannot express
 */
export function unpackRange(
  kernel: Kernel,
  from: FileRange,
  take: (address: number, size: number) => void,
): void {
  const { exports, bytes } = kernel
  const input = kernel.take(2 * BUFFER_BYTES + MARGIN)
  const output = kernel.take(OUTPUT)
  const fd = doing(`Reading ${from.path}`, 'source', () => openRegularSync(from.path))
  exports.startUnpack()
  let read = 0
  let held = 0
  try {
    for (;;) {
      const count = fill(fd, bytes.subarray(input + held, input + held + BUFFER_BYTES), from, read)
      read += count
      held += count
      const last = read === from.size
      if (last) bytes.fill(0, input + held, input + held + MARGIN)
      let at = 0
      for (let isFull = true; isFull; ) {
        const status = exports.unpack(input + at, held - at, output, OUTPUT, last ? 1 : 0)
        at += exports.unpackTook.value
        const made = exports.unpackMade.value
        if (made > 0) take(output, made)
        if (status === STATUS.done) return
        if (status !== STATUS.more) throw badGzip(from, status)
        isFull = made > OUTPUT - 2 * MARGIN
      }
      if (last) throw badGzip(from, STATUS.cutShort)
      bytes.copyWithin(input, input + at, input + held)
      held -= at
    }
  } finally {
    closeSync(fd)
  }
}

/** Reads as much of a range as there is room for. */
function fill(fd: number, target: Buffer, from: FileRange, done: number): number {
  const wanted = Math.min(target.length, from.size - done)
  let count = 0
  while (count < wanted) {
    const read = doing(`Reading ${from.path}`, 'source', () =>
      readSync(fd, target, count, wanted - count, from.offset + done + count),
    )
    if (read === 0)
      throw new Trouble('ARCHIVE_INVALID', `${from.path} ends before it should.`, {
        side: 'source',
        expected: `${from.offset + from.size} bytes`,
        found: `${from.offset + done + count} bytes`,
      })
    count += read
  }
  return count
}

function badGzip({ path }: FileRange, status: number): Trouble {
  if (status === STATUS.unusual)
    return new Trouble('ARCHIVE_UNKNOWN', `${path} is gzip of an unusual kind.`, { side: 'source' })
  const found = status === STATUS.cutShort ? 'an end in the middle' : 'bytes that are none'
  return new Trouble('ARCHIVE_INVALID', `${path} is damaged or cut short.`, {
    side: 'source',
    expected: 'gzip data',
    found,
  })
}

/** Writes the tokens into a new file; returns how many bytes they are. */
export function unpackInto(
  kernel: Kernel,
  from: FileRange,
  to: string,
  most: number,
  written: (upTo: number, address: number, size: number) => void,
): number {
  const fd = doing(`Writing ${to}`, 'destination', () => openNewSync(to, 0o600))
  let position = 0
  try {
    unpackRange(kernel, from, (address, size) => {
      if (position + size > most)
        throw new Trouble('ARCHIVE_INVALID', `${from.path} grows beyond what is expected.`, {
          side: 'source',
          expected: `at most ${most} bytes`,
          found: 'more',
        })
      writeAll(fd, kernel.bytes.subarray(address, address + size), to)
      position += size
      written(position, address, size)
    })
    return position
  } finally {
    closeSync(fd)
  }
}

/** Appends to an open file. */
export function writeAll(fd: number, bytes: Buffer, path: string): void {
  doing(`Writing ${path}`, 'destination', () => {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done)
  })
}
