import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../../io/bytes.js'
import { writeAll } from '../../io/files/write-bytes.js'

/** A range of a file that somebody else fills. */
export interface Gap {
  /** In bytes from the start of the file. */
  at: number
  size: number
}

/**
 * Writes a stream into a file around what others write there.
 * @param gaps in the order of their places
 * @param written gets the position up to which the file has everything that comes out of the stream
 */
export async function writeAround(
  file: FileHandle,
  bytes: Bytes,
  gaps: readonly Gap[],
  written: (upTo: number) => void,
): Promise<void> {
  let position = 0
  let next = 0
  for await (const chunk of bytes)
    for (let from = 0; from < chunk.length; ) {
      for (let gap = gaps[next]; gap?.at === position; gap = gaps[++next]) position += gap.size
      const part = chunk.subarray(from, from + (gaps[next]?.at ?? Number.POSITIVE_INFINITY) - position)
      await writeAll(file, part, position)
      from += part.length
      position += part.length
      written(position)
    }
}
