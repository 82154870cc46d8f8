import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { fileInside } from '../../io/files/inside-folder.js'
import { listFolder } from '../../io/files/list-folder.js'
import { openToRead } from '../../io/files/read-document.js'

const SIGNATURE = [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]
/**
 * The fixed header: signature, version, and the place of the header of the members (7zFormat.txt, "SignatureHeader").
 */
export const START_BYTES = 32

const PART = /^(.+\.7z)\.(\d{3,})$/i

/** Whether bytes begin like a 7z. */
export function isSevenZip(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => head[i] === byte)
}

/** Whether a name is that of a part into which 7-Zip split an archive. */
export function isSevenZipPart(file: string): boolean {
  return PART.test(path.basename(file))
}

export interface WholeSevenZip {
  first: string
  /** The size of all files together, in bytes. */
  size: number
  /** How many bytes are between its two headers; undefined if it consists of several files. */
  packedBytes?: number
}

/**
 * The first file of a 7z, once all of its files were found: a single one, or `name.7z.001` and so on. Together they
 * must have exactly the size that it states.
 * @throws VOLUME_MISSING, ARCHIVE_INVALID
 */
export async function wholeSevenZip(file: string): Promise<WholeSevenZip> {
  const parts = await partsOf(file)
  const [first = file] = parts
  const sizes = await Promise.all(parts.map(sizeOf))
  const size = sizes.reduce((sum, one) => sum + one, 0)
  const { size: expected, packedBytes } = await inHeader(first)
  if (size < expected && parts.length > 0 && isSevenZipPart(first)) throw missing(first, parts.length + 1)
  if (size !== expected)
    throw new ContainerImageError(
      'ARCHIVE_INVALID',
      size < expected ? `${first} is cut short.` : `${first} holds bytes behind its end.`,
      { side: 'source', expected: `${expected} bytes`, found: `${size} bytes` },
    )
  return parts.length > 1 ? { first, size } : { first, size, packedBytes }
}

async function partsOf(file: string): Promise<string[]> {
  const [, base = '', digits = ''] = PART.exec(path.basename(file)) ?? []
  if (base === '') return [file]
  const folder = path.dirname(file)
  const numbers = new Map<number, string>()
  for (const { name } of await listFolder(folder)) {
    const [, other, number] = PART.exec(name) ?? []
    const part = other === base && number !== undefined ? await fileInside(folder, name) : undefined
    if (part !== undefined) numbers.set(Number(number), path.join(folder, name))
  }
  const parts: string[] = []
  const last = Math.max(...numbers.keys())
  for (let number = 1; number <= last; number++) {
    const part = numbers.get(number)
    if (!part) throw missing(path.join(folder, `${base}.${'1'.padStart(digits.length, '0')}`), number)
    parts.push(part)
  }
  return parts
}

function missing(first: string, number: number): ContainerImageError {
  const [, base = '', digits = ''] = PART.exec(path.basename(first)) ?? []
  const name = `${base}.${String(number).padStart(digits.length, '0')}`
  return new ContainerImageError('VOLUME_MISSING', `${name} is missing beside the other parts.`, {
    side: 'source',
    expected: name,
    found: 'nothing',
    remedy: 'Copy all parts into one folder, and name the first.',
  })
}

/**
 * 7-Zip opens the parts itself, and would wait for a pipe.
 * @throws NOT_A_FILE
 */
async function sizeOf(part: string): Promise<number> {
  const handle = await openToRead(part)
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function inHeader(file: string): Promise<{ size: number; packedBytes: number }> {
  const handle = await openToRead(file)
  try {
    const start = Buffer.alloc(START_BYTES)
    const { bytesRead } = await handle.read(start, 0, START_BYTES, 0)
    if (bytesRead < START_BYTES || !isSevenZip(start))
      throw new ContainerImageError('ARCHIVE_INVALID', `${file} is no 7z.`, {
        side: 'source',
        expected: 'the header of a 7z',
        found: 'something else',
      })
    const [packed, header] = [start.readBigUInt64LE(12), start.readBigUInt64LE(20)]
    return { size: Number(BigInt(START_BYTES) + packed + header), packedBytes: Number(packed) }
  } finally {
    await handle.close()
  }
}
