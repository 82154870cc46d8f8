import { ContainerImageError } from '../../../manifests/index.js'
import { streamCursor } from '../../archives/members/cursor.js'
import { BLOCK } from '../../archives/members/tar-header.js'
import type { Bytes } from '../../io/bytes.js'
import { MAP_BEFORE_BYTES } from './layer-record.js'

interface Piece {
  offset: number
  size: number
}

/** A map of more pieces would cost memory; GNU tar's own have a piece for a few kilobytes at least. */
const MOST_PIECES = 1_000_000
/** Digits of a number in a map that precedes the bytes, and its line end. */
const LONGEST_NUMBER = 20
const ZEROS = new Uint8Array(64 * 1024)

/**
 * A sparse file as its readers see it (GNU tar's manual, "Storing Sparse Files"): the pieces that a tar has,
 * one after the other, with zeros where the holes are.
 * @param map as in the record `GNU.sparse.map` (0.1), or the mark that it precedes the bytes (1.0)
 * @throws LAYER_INVALID if the map does not fit the bytes
 */
export async function* withHoles(stored: Bytes, map: string, label: string): Bytes {
  const cursor = streamCursor(stored)
  const invalid = (found: string): ContainerImageError =>
    new ContainerImageError('LAYER_INVALID', `${label} holds a sparse file whose map is wrong.`, {
      side: 'source',
      expected: 'pieces one after the other',
      found,
    })
  const numbers = map === MAP_BEFORE_BYTES ? await numbersBefore(cursor, invalid) : map.split(',').map(Number)
  let at = 0
  for (const { offset, size } of piecesOf(numbers, invalid)) {
    if (offset < at) throw invalid(`one at ${offset} after ${at} bytes`)
    for (let hole = offset - at; hole > 0; hole -= ZEROS.length)
      yield ZEROS.subarray(0, Math.min(hole, ZEROS.length))
    let left = size
    for await (const chunk of cursor.rest(size)) {
      left -= chunk.length
      yield chunk
    }
    if (left > 0) throw invalid('fewer bytes than it names')
    at = offset + size
  }
}

/** Decimal numbers, one per line, the first of them the number of pieces; padded to whole blocks. */
async function numbersBefore(
  cursor: ReturnType<typeof streamCursor>,
  invalid: (found: string) => ContainerImageError,
): Promise<number[]> {
  const next = async (): Promise<number> => {
    let digits = ''
    for (;;) {
      const character = String.fromCharCode((await cursor.take(1))[0] ?? 0)
      if (character === '\n') return Number(digits)
      digits += character
      if (!/\d/.test(character) || digits.length > LONGEST_NUMBER) throw invalid('other bytes than numbers')
    }
  }
  const count = await next()
  if (count > MOST_PIECES) throw invalid(`${count} pieces`)
  const numbers: number[] = []
  for (let i = 0; i < 2 * count; i++) numbers.push(await next())
  await cursor.skip((BLOCK - (cursor.position % BLOCK)) % BLOCK)
  return numbers
}

function piecesOf(numbers: number[], invalid: (found: string) => ContainerImageError): Piece[] {
  const pieces: Piece[] = []
  for (let i = 0; i < numbers.length; i += 2) {
    const [offset = Number.NaN, size = Number.NaN] = numbers.slice(i, i + 2)
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size)) throw invalid('other text than numbers')
    pieces.push({ offset, size })
  }
  return pieces
}
