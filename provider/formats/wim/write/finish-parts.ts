import { createHash } from 'node:crypto'
import { Hasher } from '../../../io/hashing/hasher.js'
import { HEADER_SIZE } from '../read/header.js'
import { RESOURCE_COMPRESSED, RESOURCE_METADATA } from '../read/resource-header.js'
import { SHA1_SIZE } from '../read/sha1-index.js'
import type { WriteCompression } from './encode-job.js'
import { headerBytes, type ResourcePlace, writePlace } from './header-bytes.js'
import type { PartWriter } from './part-writer.js'
import type { WrittenBlob, WrittenBlobs } from './written-blobs.js'

const ENTRY_SIZE = 50
const INTEGRITY_CHUNK = 10 * 1024 * 1024
const INTEGRITY_HEAD = 12

export interface Finished {
  compression: WriteCompression
  chunkSize: number
  parts: readonly PartWriter[]
  blobs: WrittenBlobs
  metadata: readonly WrittenBlob[]
  /** The XML data of a file whose XML data begins at that byte. */
  xml(at: number): Buffer
  integrity: boolean
  signal?: AbortSignal | undefined
}

/** Writes what follows the resources of each part, and the headers last of all. */
export async function finishParts(all: Finished): Promise<void> {
  const guid = contentGuid(all)
  const { blobs } = all
  const numbers = new Map<PartWriter, number[]>(all.parts.map((part) => [part, []]))
  for (let number = 0; number < blobs.count; number++) numbers.get(blobs.at(number).part)?.push(number)
  const hasher = all.integrity ? new Hasher() : undefined
  try {
    for (const part of all.parts) {
      const table = tableBytes(part, part.number === 1 ? all.metadata : [], blobs, numbers.get(part) ?? [])
      const lookupTable = { ...(await appended(part, table)), flags: RESOURCE_METADATA }
      const end = part.position
      const xml = { ...(await appended(part, all.xml(end))), flags: RESOURCE_METADATA }
      await part.truncate()
      const integrity = hasher && (await appended(part, await integrityBytes(part, end, hasher, all.signal)))
      const { compression, chunkSize, parts } = all
      const header = { compression, chunkSize, guid, part: part.number, parts: parts.length }
      const images = all.metadata.length
      await part.write(headerBytes({ ...header, images, lookupTable, xml, integrity }), 0)
      await part.close()
    }
  } finally {
    await hasher?.close()
  }
}

async function appended(part: PartWriter, bytes: Buffer): Promise<ResourcePlace> {
  return { offset: await part.append(bytes), stored: bytes.length, size: bytes.length, flags: 0 }
}

function tableBytes(
  part: PartWriter,
  metadata: readonly WrittenBlob[],
  blobs: WrittenBlobs,
  numbers: readonly number[],
): Buffer {
  const bytes = Buffer.alloc(ENTRY_SIZE * (metadata.length + numbers.length))
  let at = 0
  const write = (blob: WrittenBlob, flags: number, references: number) => {
    const { offset, stored, size, compressed, sha1 } = blob
    writePlace(bytes, at, { offset, stored, size, flags: flags | (compressed ? RESOURCE_COMPRESSED : 0) })
    bytes.writeUInt16LE(part.number, at + 24)
    bytes.writeUInt32LE(references, at + 26)
    sha1.copy(bytes, at + 30, 0, SHA1_SIZE)
    at += ENTRY_SIZE
  }
  for (const number of numbers) write(blobs.at(number), 0, blobs.references(number))
  // The k-th of these is that of the k-th image.
  for (const blob of metadata) write(blob, RESOURCE_METADATA, 1)
  return bytes
}

/** What the hashes of so many bytes take. */
export function integritySize(bytes: number): number {
  return INTEGRITY_HEAD + 20 * Math.ceil(bytes / INTEGRITY_CHUNK)
}

/** Hashes of the file from behind the header to the end of the lookup table. */
async function integrityBytes(
  part: PartWriter,
  end: number,
  hasher: Hasher,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const count = Math.ceil((end - HEADER_SIZE) / INTEGRITY_CHUNK)
  const bytes = Buffer.alloc(INTEGRITY_HEAD + 20 * count)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt32LE(count, 4)
  bytes.writeUInt32LE(INTEGRITY_CHUNK, 8)
  const one = async (i: number) => {
    const offset = HEADER_SIZE + i * INTEGRITY_CHUNK
    const source = { path: part.path, offset, size: Math.min(INTEGRITY_CHUNK, end - offset) }
    const { hex } = await hasher.run({ source, algorithm: 'sha1' }, { signal })
    bytes.write(hex, INTEGRITY_HEAD + 20 * i, 'hex')
  }
  await Promise.all(Array.from({ length: count }, (_, i) => one(i)))
  return bytes
}

/** The same contents written in the same way have the same GUID (of version 8, RFC 9562), and no others. */
function contentGuid({ compression, chunkSize, parts, blobs, metadata, xml }: Finished): Buffer {
  const digest = createHash('sha256')
  digest.update(`${compression} ${chunkSize} ${parts.length}\n`)
  const add = ({ sha1, part }: WrittenBlob): unknown => digest.update(sha1).update(`${part.number}\n`)
  for (const blob of blobs) add(blob)
  for (const blob of metadata) add(blob)
  digest.update(xml(0))
  const guid = digest.digest().subarray(0, 16)
  // Stored as on Windows: the version is in the third field, which is little-endian.
  guid[7] = ((guid[7] ?? 0) & 0x0f) | 0x80
  guid[8] = ((guid[8] ?? 0) & 0x3f) | 0x80
  return guid
}
