import { ContainerImageError, show } from '../../../manifests/index.js'
import type { TarEntry } from './tar-entries.js'
import { tarNumber } from './tar-header.js'

/** Where the bytes of a sparse file stand in it; between them are holes. */
export interface SparseMap {
  pieces: { offset: number; size: number }[]
  /** Of the file with its holes. */
  size: number
  tooLarge(): ContainerImageError
}

const PIECE_BYTES = 24
const IN_HEADER = { at: 386, count: 4, realSize: 483 }
const IN_BLOCK = { at: 0, count: 21 }

/**
 * The map of a sparse file as GNU tar writes it without pax ("Old GNU Format" of its manual).
 * @param blocks its header, and those in which the map continues
 * @throws LAYER_INVALID where it does not describe the bytes that the tar has
 */
export function sparseMapOf(
  [header, ...more]: Uint8Array[],
  { rawName, stored }: TarEntry,
  label: string,
): SparseMap {
  const invalid = (expected: string, found: string): ContainerImageError =>
    new ContainerImageError('LAYER_INVALID', `${label} holds the sparse file ${show(rawName)} damaged.`, {
      side: 'source',
      expected,
      found,
    })
  const size = (header && tarNumber(header, IN_HEADER.realSize, 12)) ?? -1
  const pieces = [
    ...(header ? piecesIn(header, IN_HEADER) : []),
    ...more.flatMap((block) => piecesIn(block, IN_BLOCK)),
  ]
  let end = 0
  let bytes = 0
  for (const { offset, size: count } of pieces) {
    if (!(offset >= end && count >= 0)) throw invalid('pieces one after the other', `one at ${offset}`)
    end = offset + count
    bytes += count
  }
  if (bytes !== stored || !(end <= size))
    throw invalid(`${stored} bytes in a file of ${size}`, `pieces of ${bytes} up to ${end}`)
  return { pieces, size, tooLarge: () => invalid('no more holes than a system has', `${size} bytes`) }
}

function piecesIn(
  block: Uint8Array,
  { at, count }: { at: number; count: number },
): { offset: number; size: number }[] {
  const pieces: { offset: number; size: number }[] = []
  for (let place = at; place < at + count * PIECE_BYTES; place += PIECE_BYTES) {
    if (block[place] === 0) break
    const offset = tarNumber(block, place, 12) ?? -1
    pieces.push({ offset, size: tarNumber(block, place + 12, 12) ?? -1 })
  }
  return pieces
}
