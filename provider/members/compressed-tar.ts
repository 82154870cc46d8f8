import { stat } from 'node:fs/promises'
import { readRange } from '../files/read-range.js'
import type { Bytes, ReadOptions } from '../ports.js'
import { decompressed, type FileCompression } from './compression.js'
import { streamCursor } from './cursor.js'
import type { Member, Members } from './members.js'
import { type IndexedMember, indexOf, memberIndex } from './tar-index.js'

/** Documents are small and asked for in any order, so they are kept from the first pass. */
const KEEP_BYTES = 4 * 1024 * 1024
const KEEP_TOTAL = 64 * 1024 * 1024

/**
 * The members of a tar that is compressed as a whole. One pass indexes it; then large members are read in
 * the order of the file from one stream that stays open, so that installing costs one more pass and no
 * space. Going back opens the stream anew.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function compressedTarMembers(path: string, kind: FileCompression): Promise<Members> {
  const open = async (signal?: AbortSignal) => streamCursor(await opened(path, kind, signal))
  const kept = new Map<string, Uint8Array>()
  const index = await firstPass(await open(), path, kept)
  let current: Awaited<ReturnType<typeof open>> | undefined

  async function cursorAt(position: number): Promise<Awaited<ReturnType<typeof open>>> {
    if (current && current.position > position) await closeCurrent()
    current ??= await open()
    await current.skip(position - current.position)
    return current
  }

  async function closeCurrent(): Promise<void> {
    await current?.close()
    current = undefined
  }

  return {
    label: path,
    forwardOnly: true,
    async find(name) {
      return index.get(name)
    },
    async list(): Promise<Member[]> {
      return [...index.values()]
    },
    async *read(name, options: ReadOptions = {}): Bytes {
      const from = options.from ?? 0
      const known = kept.get(name)
      if (known) {
        yield known.subarray(from)
        return
      }
      const entry = indexOf(index, name, path)
      const cursor = await cursorAt(entry.offset + from)
      yield* cursor.rest(entry.size - from)
    },
    locate: async () => undefined,
    position: (name) => index.get(name)?.offset ?? 0,
    close: closeCurrent,
  }
}

async function opened(path: string, kind: FileCompression, signal?: AbortSignal): Promise<Bytes> {
  const { size } = await stat(path)
  return decompressed(readRange({ path, offset: 0, size }, signal ? { signal } : {}), kind, path)
}

async function firstPass(
  cursor: ReturnType<typeof streamCursor>,
  path: string,
  kept: Map<string, Uint8Array>,
): Promise<Map<string, IndexedMember>> {
  let total = 0
  try {
    const index = await memberIndex(cursor, path, async (member) => {
      if (member.kind === 'file' && member.size <= KEEP_BYTES && total + member.size <= KEEP_TOTAL) {
        kept.set(member.name, await cursor.take(member.size))
        total += member.size
      }
      return true
    })
    return index
  } finally {
    await cursor.close()
  }
}
