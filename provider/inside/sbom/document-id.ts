import { createHash } from 'node:crypto'

/** A UUID that is the same for the same content: of version 8, whose bits are its maker's choice (RFC 9562, 5.8). */
export function contentId(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** A name for something in a document, which is the same wherever the same thing is listed. */
export function shortId(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}
