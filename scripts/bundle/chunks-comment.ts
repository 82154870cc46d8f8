import { createHash } from 'node:crypto'
import { inComment, STAND_IN } from '../../provider/program/chunk-text.js'
import type { Place, Places } from '../../provider/program/places.js'
import type { Chunks } from './chunks.js'

const BEGIN = '\n/* Program\n'
const END = '*/\n'

/**
 * All chunks as one comment in the one file: nothing is skipped as fast.
 * @throws if a chunk contains what marks the end of a comment
 */
export function chunksComment({ core, later }: Chunks): string {
  const texts = [core, ...Object.values(later)]
  if (texts.some((text) => text.includes(STAND_IN))) throw new Error(`a chunk has ${STAND_IN} in it`)
  return `${BEGIN}${texts.map(inComment).join('')}${END}`
}

/**
 * Where the chunks are in the one file.
 * @param before lines before the comment
 * @param rest bytes from the beginning of the comment to the end of the file
 */
export function placesOf({ core, later, entry, keeper }: Chunks, before: number, rest: number): Places {
  let fromEnd = rest - BEGIN.length
  let lines = before + linesIn(BEGIN)
  const hash = createHash('sha256')
  const next = (text: string): Place => {
    hash.update(text)
    const stored = inComment(text)
    const place: Place = [fromEnd, stored.length, lines]
    fromEnd -= stored.length
    lines += linesIn(stored)
    return place
  }
  const first = next(core)
  const others = Object.fromEntries(Object.entries(later).map(([name, text]) => [name, next(text)]))
  return { core: first, later: others, entry, keeper, build: hash.digest('hex').slice(0, 16) }
}

export function linesIn(text: string): number {
  return text.split('\n').length - 1
}
