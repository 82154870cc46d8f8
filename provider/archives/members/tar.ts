import type { Bytes, FileRange, ReadOptions } from '../../io/bytes.js'
import { closedAfter } from '../../io/closing/closing.js'
import { SharedFile } from '../../io/files/shared-file.js'
import { fileCursor } from './cursor.js'
import type { Member, Members } from './members.js'
import { indexOf, memberIndex } from './tar-index.js'

/**
 * The members of a tar on disk, or of one that lies plain in a range of another file. The tar is indexed once, by its headers; bytes are read at their place.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function tarMembers(path: string, within?: FileRange): Promise<Members> {
  const file = new SharedFile(path)
  const index = await file
    .lend((lent) => memberIndex(fileCursor(path, within, lent), path))
    .catch(async (error) => {
      throw await closedAfter(error, file)
    })
  const range = (name: string): FileRange => {
    const entry = indexOf(index, name, path)
    return { path, offset: (within?.offset ?? 0) + entry.offset, size: entry.size, isShared: true }
  }
  return {
    label: path,
    forwardOnly: false,
    async find(name) {
      return index.get(name)
    },
    async list(): Promise<Member[]> {
      return [...index.values()]
    },
    async *read(name, options: ReadOptions = {}): Bytes {
      const { offset, size } = range(name)
      yield* file.read(offset, size, options)
    },
    async locate(name) {
      return range(name)
    },
    position: (name) => index.get(name)?.offset ?? 0,
    close: () => file.close(),
  }
}
