import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

const NEW_LINE = 0x0a
const RETURN = 0x0d

/**
 * The output of 7-Zip in pieces, none of which ends with a line break. node-7z reads a piece that does as if an empty
 * line followed, and in a list an empty line ends a member: it would split one member in two, or lose the next. Line
 * breaks at the end are held back until more comes, so that the pieces are read as the whole would be.
 */
export function endingWithinLines(stdout: Readable): Pick<Readable, 'on'> {
  const pieces = new EventEmitter()
  let kept: Buffer = Buffer.alloc(0)
  stdout.on('data', (chunk: Buffer) => {
    const bytes = kept.length > 0 ? Buffer.concat([kept, chunk]) : chunk
    let end = bytes.length
    while (end > 0 && (bytes[end - 1] === NEW_LINE || bytes[end - 1] === RETURN)) end--
    kept = bytes.subarray(end)
    if (end > 0) pieces.emit('data', bytes.subarray(0, end))
  })
  stdout.on('end', () => {
    if (kept.length > 0) pieces.emit('data', kept)
  })
  return pieces as unknown as Pick<Readable, 'on'>
}
