import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, printable } from '../../manifests/index.js'
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
}

/** Opens a file and reads its header; closes it again where it is no WIM. */
export async function openPart(file: string): Promise<WimPart> {
  const handle = await openFile(file)
  try {
    const name = path.basename(file)
    const facts = await handle.stat()
    if (!facts.isFile()) throw damaged({ file: name, resource: 'file' }, 'this is no regular file')
    return { path: file, name, handle, size: facts.size, header: await readHeader(handle, name, facts.size) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new ContainerImageError('PATH_NOT_FOUND', `There is no file ${printable(file)}.`, {
        cause: error,
      })
    throw new ContainerImageError('PERMISSION_DENIED', `Cannot open ${printable(file)}.`, { cause: error })
  }
}

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
    const { bytesRead } = await handle.read(bytes, done, size - done, offset + done)
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

/** Throws where a resource does not lie wholly inside its file, or where its sizes contradict each other. */
export function checkInside(part: WimPart, header: ResourceHeader, resource: string, offset?: number): void {
  if (header.offset < HEADER_SIZE || !(header.offset + header.size <= part.size))
    throw damaged(
      { file: part.name, resource, offset: offset ?? header.offset },
      `it should lie at ${header.offset} and have ${header.size} bytes, but the file has ${part.size}`,
      { expected: `at most ${part.size}`, found: header.offset + header.size },
    )
}
