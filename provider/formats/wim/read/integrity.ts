import { damaged } from './damage.js'
import { HEADER_SIZE } from './header.js'
import { checkInside, readPart, type WimPart } from './part.js'

/** SHA-1 of consecutive pieces of a part, from behind the header to the end of the lookup table. */
export interface IntegrityTable {
  readonly part: WimPart
  readonly chunkSize: number
  /** Where the last piece ends. */
  readonly end: number
  /** 40 hex digits each. */
  readonly hashes: string[]
}

const HEAD = 12

/** Reads a part's integrity table; undefined where it has none. */
export async function readIntegrityTable(part: WimPart): Promise<IntegrityTable | undefined> {
  const { integrity, lookupTable } = part.header
  if (integrity.offset === 0 && integrity.size === 0) return undefined
  const wrong = (what: string, expected: number | string, found: number) =>
    damaged({ file: part.name, resource: 'integrity table', offset: integrity.offset }, what, {
      expected,
      found,
    })
  checkInside(part, integrity, 'integrity table')
  if (integrity.size < HEAD) throw wrong('it is too short for its head', HEAD, integrity.size)
  const head = await readPart(part, integrity.offset, HEAD)
  const size = head.readUInt32LE(0)
  const count = head.readUInt32LE(4)
  const chunkSize = head.readUInt32LE(8)
  if (size !== integrity.size || HEAD + count * 20 !== size)
    throw wrong(`it says it has ${size} bytes and ${count} hashes`, integrity.size, HEAD + count * 20)
  const end = lookupTable.offset + lookupTable.size
  if (chunkSize === 0 || count !== Math.ceil((end - HEADER_SIZE) / chunkSize))
    throw wrong(`${count} hashes of ${chunkSize} bytes do not cover the file up to ${end}`, end, count)
  const bytes = await readPart(part, integrity.offset + HEAD, count * 20)
  const hashes = Array.from({ length: count }, (_, i) => bytes.toString('hex', 20 * i, 20 * i + 20))
  return { part, chunkSize, end, hashes }
}
