import { layerEntries } from '../../archives/layers/layer-entries.js'
import { HARMLESS_BYTES, MOST_RATIO } from '../../archives/members/compression.js'
import { type Cursor, streamCursor } from '../../archives/members/cursor.js'
import { sparseMapOf } from '../../archives/members/gnu-sparse.js'
import type { TarEntry } from '../../archives/members/tar-entries.js'
import { asPlainFile, BLOCK, padded } from '../../archives/members/tar-header.js'
import type { Bytes } from '../../io/bytes.js'
import { withTimesHeld } from './held-times.js'
import type { MendPlan } from './mend-plan.js'

const ZEROS = Buffer.alloc(64 * 1024)

/**
 * The tar of a root filesystem as engines accept it: without members that later ones replace, with the holes
 * of sparse files filled, and with times that no engine can read set to the nearest possible one. The same
 * tar gives the same bytes.
 * @throws LAYER_INVALID for a sparse file that its map does not describe, and what the bytes throw
 */
export async function* mendedTar(tar: Bytes, { dropped }: MendPlan, label: string): Bytes {
  const cursor = streamCursor(tar)
  const headers = new HeaderRecorder(cursor)
  const room = { left: HARMLESS_BYTES }
  try {
    for await (const { entry } of layerEntries(headers, label, 'linux')) {
      const blocks = headers.recorded()
      if (dropped.has(entry.offset)) continue
      const { extensions, header, map } = withTimesHeld(blocks)
      room.left += entry.stored * MOST_RATIO
      yield* extensions
      if (entry.header.type === 'S') yield* filled([header, ...map], entry, cursor, label, room)
      else {
        yield entry.header.type === '7' ? asPlainFile(header, entry.size) : header
        yield* cursor.rest(entry.stored)
        yield* zeros(padded(entry.stored) - entry.stored)
      }
    }
    yield* zeros(2 * BLOCK)
  } finally {
    await cursor.close()
  }
}

/** @param blocks the header of a sparse file, and those that go on with its map */
async function* filled(
  blocks: Uint8Array[],
  entry: TarEntry,
  cursor: ReturnType<typeof streamCursor>,
  label: string,
  room: { left: number },
): Bytes {
  const map = sparseMapOf(blocks, entry, label)
  room.left -= map.size
  if (room.left < 0) throw map.tooLarge()
  yield asPlainFile(blocks[0] ?? ZEROS, map.size)
  let position = 0
  for (const { offset, size } of map.pieces) {
    yield* zeros(offset - position)
    yield* cursor.rest(size)
    position = offset + size
  }
  yield* zeros(padded(map.size) - position)
}

function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}

/** Keeps the blocks that a tar reader takes between two contents, including padding. */
class HeaderRecorder implements Cursor {
  private blocks: Uint8Array[] = []
  private isInContent = false

  constructor(private readonly cursor: Cursor) {}

  get position(): number {
    return this.cursor.position
  }

  /** All since the last call; what follows is content, until the reader takes a block again. */
  recorded(): Uint8Array[] {
    const { blocks } = this
    this.blocks = []
    this.isInContent = true
    return blocks
  }

  async take(count: number): Promise<Uint8Array> {
    this.isInContent = false
    const bytes = await this.cursor.take(count)
    this.blocks.push(bytes)
    return bytes
  }

  async skip(count: number): Promise<boolean> {
    if (!this.isInContent && count > 0) this.blocks.push(Buffer.alloc(count))
    return await this.cursor.skip(count)
  }

  async close(): Promise<void> {
    await this.cursor.close()
  }
}
