import { writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { FileRange } from '../../../../provider/io/bytes.js'

/** A segment as an attacker would write it: any size may contradict the bytes. */
export interface HostileSegment {
  /** Numbers as they stand there: literals, copied, and, where bytes are copied, twice the position. */
  operations?: (number | bigint)[]
  literals?: Buffer
  packedLiterals?: Buffer
  sizes?: Partial<Record<'packedOperations' | 'operations' | 'packedLiterals' | 'literals', number>>
}

export interface HostileDelta {
  document: object | string
  segments?: HostileSegment[]
  magic?: string
  documentSize?: number
  end?: Buffer
}

export function deltaBytes({ document, segments = [], magic = 'CIMGDLT1', ...rest }: HostileDelta): Buffer {
  const text = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(rest.documentSize ?? text.length)
  const end = rest.end ?? Buffer.alloc(16)
  return Buffer.concat([Buffer.from(magic), size, text, ...segments.map(segmentBytes), end])
}

function segmentBytes({
  operations = [],
  literals = Buffer.alloc(0),
  packedLiterals,
  sizes,
}: HostileSegment): Buffer {
  const numbers = Buffer.concat(operations.map(varint))
  const packedNumbers = brotliCompressSync(numbers)
  const packed = packedLiterals ?? (literals.length > 0 ? brotliCompressSync(literals) : literals)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(sizes?.packedOperations ?? packedNumbers.length, 0)
  head.writeUInt32LE(sizes?.operations ?? numbers.length, 4)
  head.writeUInt32LE(sizes?.packedLiterals ?? packed.length, 8)
  head.writeUInt32LE(sizes?.literals ?? literals.length, 12)
  return Buffer.concat([head, packedNumbers, packed])
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

/** The document of a delta. */
export function documentOf(bytes: Buffer): Record<string, unknown> {
  return JSON.parse(bytes.toString('utf8', 12, 12 + bytes.readUInt32LE(8)))
}

/** The parts of a delta, its operations and literals not compressed. */
export function segmentsOf(bytes: Buffer): { operations: Buffer; literals: Buffer }[] {
  const segments: { operations: Buffer; literals: Buffer }[] = []
  for (let at = 12 + bytes.readUInt32LE(8); ; ) {
    const [packed = 0, plain = 0, packedLiterals = 0] = [0, 4, 8].map((i) => bytes.readUInt32LE(at + i))
    if (plain === 0) return segments
    const literals = bytes.subarray(at + 16 + packed, at + 16 + packed + packedLiterals)
    segments.push({
      operations: brotliDecompressSync(bytes.subarray(at + 16, at + 16 + packed)),
      literals: literals.length > 0 ? brotliDecompressSync(literals) : literals,
    })
    at += 16 + packed + packedLiterals
  }
}

export function asFile(file: string, bytes: Buffer): FileRange {
  writeFileSync(file, bytes)
  return { path: file, offset: 0, size: bytes.length }
}
