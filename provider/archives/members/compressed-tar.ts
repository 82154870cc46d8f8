import { stat } from 'node:fs/promises'
import { ContainerImageError, throwIfAborted } from '../../../manifests/index.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
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
 * space. Going back opens the stream again.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function compressedTarMembers(
  path: string,
  kind: FileCompression,
  signal?: AbortSignal,
): Promise<Members> {
  const open = async () => streamCursor(await opened(path, kind))
  const kept = new Map<string, Uint8Array>()
  const index = await firstPass(streamCursor(stoppable(await opened(path, kind), signal)), path, kept)
  let current: Awaited<ReturnType<typeof open>> | undefined

  /** The stream stays open from member to member, so the signal of one read is not the stream's own. */
  async function cursorAt(position: number, stop?: AbortSignal): Promise<Awaited<ReturnType<typeof open>>> {
    if (current && current.position > position) await closeCurrent()
    current ??= await open()
    for await (const _ of stoppable(current.rest(position - current.position), stop));
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
      throwIfAborted(options.signal)
      const from = options.from ?? 0
      const known = kept.get(name)
      if (known) {
        yield known.subarray(from)
        return
      }
      const entry = indexOf(index, name, path)
      const cursor = await cursorAt(entry.offset + from, options.signal)
      yield* wholly(stoppable(cursor.rest(entry.size - from), options.signal), entry.size - from, path)
    },
    locate: async () => undefined,
    position: (name) => index.get(name)?.offset ?? 0,
    close: closeCurrent,
  }
}

async function opened(path: string, kind: FileCompression): Promise<Bytes> {
  const { size } = await stat(path)
  return decompressed(readRange({ path, offset: 0, size }), kind, path)
}

async function* stoppable(bytes: Bytes, signal?: AbortSignal): Bytes {
  for await (const chunk of bytes) {
    throwIfAborted(signal)
    yield chunk
  }
}

/** The file was whole when it was indexed; it may have changed since. */
async function* wholly(bytes: Bytes, size: number, path: string): Bytes {
  let count = 0
  for await (const chunk of bytes) {
    count += chunk.length
    yield chunk
  }
  if (count === size) return
  throw new ContainerImageError('ARCHIVE_INVALID', `${path} ends before it should.`, {
    side: 'source',
    expected: `${size} bytes of a member`,
    found: `${count} bytes`,
  })
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
    // Only the end of the data, after the end mark of the tar, shows whether it was complete.
    for await (const _ of cursor.rest(Number.POSITIVE_INFINITY));
    return index
  } finally {
    await cursor.close()
  }
}
