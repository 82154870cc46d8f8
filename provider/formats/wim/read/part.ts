import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { closedAfter } from '../../../io/closing/closing.js'
import { openToRead } from '../../../io/files/read-document.js'
import { inWords } from '../../../io/files/system-errors.js'
import { damaged } from './damage.js'
import { HEADER_SIZE, parseHeader, type WimHeader } from './header.js'
import type { ResourceHeader } from './resource-header.js'

/** One open file of a WIM: the only one, or a part of a split set. */
export interface WimPart {
  readonly path: string
  /** The file's name, as messages show it. */
  readonly name: string
  readonly handle: FileHandle
  readonly size: number
  readonly header: WimHeader
  /**
   * Its rank in the order in which the files of a WIM are read: its number, and after all parts the files
   * given with it.
   */
  readonly place: number
}

/**
 * Opens a file and reads its header; closes it again if it is not a WIM.
 * @param beside for files that are not part of the WIM: the number among those, from 1
 */
export async function openPart(file: string, beside = 0): Promise<WimPart> {
  const handle = await openToRead(file)
  try {
    const name = path.basename(file)
    const { size } = await handle.stat()
    const header = await readHeader(handle, name, size)
    return { path: file, name, handle, size, header, place: header.part + beside * MOST_PARTS }
  } catch (error) {
    throw await closedAfter(error, handle)
  }
}

/** A part's number has 16 bits. */
const MOST_PARTS = 0x10000

async function readHeader(handle: FileHandle, name: string, size: number): Promise<WimHeader> {
  const first = parseHeader(await read(handle, 0, Math.min(HEADER_SIZE, size), name), name)
  if (!first.pipable) return first
  const at = size - HEADER_SIZE
  return parseHeader(await read(handle, at, HEADER_SIZE, name), name, at)
}

async function read(handle: FileHandle, offset: number, size: number, file: string): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size)
  let done = 0
  while (done < size) {
    const { bytesRead } = await inWords(`Reading ${file}`, 'source', () =>
      handle.read(bytes, done, size - done, offset + done),
    )
    if (bytesRead === 0)
      throw damaged({ file, resource: 'file', offset: offset + done }, 'the file ended while it was read')
    done += bytesRead
  }
  return bytes
}

/** Reads bytes of a part that checkInside has found to lie inside of it. */
export function readPart(part: WimPart, offset: number, size: number): Promise<Buffer> {
  return read(part.handle, offset, size, part.name)
}

export function isInside(part: WimPart, { offset, size }: ResourceHeader): boolean {
  return offset >= HEADER_SIZE && offset + size <= part.size
}

/** Throws if a resource is not wholly inside its file, or if its sizes contradict each other. */
export function checkInside(part: WimPart, header: ResourceHeader, resource: string, offset?: number): void {
  if (!isInside(part, header))
    throw damaged(
      { file: part.name, resource, offset: offset ?? header.offset },
      `it should lie at ${header.offset} and have ${header.size} bytes, but the file has ${part.size}`,
      { expected: `at most ${part.size}`, found: header.offset + header.size },
    )
}
