import path from 'node:path'
import { ContainerImageError, throwIfAborted } from '../../../manifests/index.js'
import { closedAfter } from '../closing/closing.js'
import { makeScratch } from './scratch.js'
import { writeNewFile } from './write-new-file.js'

/** A private copy of bytes that came as a stream. */
export interface ReceivedFile {
  /** Where it lies, in a folder of its own. */
  path: string
  /** How many bytes came. */
  size: number
  /** Removes it with its folder. */
  remove(): Promise<void>
}

export interface ReceiveOptions {
  /** Stops it; what came so far is removed. Default: nothing stops it. */
  signal?: AbortSignal | undefined
  /** Called with the bytes so far; default: nobody is. */
  onBytes?: ((size: number) => void) | undefined
}

/** The ending says what some archives are; the rest of the name is for the reader. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/

/** @throws ARCHIVE_UNKNOWN where nothing came; NO_SPACE */
export async function receiveFile(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  options: ReceiveOptions = {},
): Promise<ReceivedFile> {
  const folder = await makeScratch(undefined)
  const file = path.join(folder.path, PLAIN_NAME.test(name) ? name : 'received')
  let size = 0
  try {
    await writeNewFile(file, counted())
    if (size === 0) throw new ContainerImageError('ARCHIVE_UNKNOWN', 'The file that came is empty.')
    return { path: file, size, remove: folder.remove }
  } catch (error) {
    throw await closedAfter(error, folder.remove)
  }

  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of bytes) {
      throwIfAborted(options.signal)
      size += chunk.length
      options.onBytes?.(size)
      yield chunk
    }
  }
}
