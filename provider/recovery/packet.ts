import { createHash, type Hash } from 'node:crypto'

/** Every packet begins so (PAR 2.0, "Conventions" and "Packet Header"). */
export const MAGIC = Buffer.from('PAR2\0PKT', 'latin1')
/** Magic, length, MD5, set id, type. */
export const HEADER_BYTES = 64
/** Before the data of a recovery slice: the header and the exponent. */
export const RECOVERY_HEADER_BYTES = HEADER_BYTES + 4
/** Packets are as long as a multiple of this. */
const PACKET_UNIT = 4

export const TYPES = {
  main: type('Main'),
  description: type('FileDesc'),
  checksums: type('IFSC'),
  recovery: type('RecvSlic'),
  creator: type('Creator'),
} as const

export type PacketKind = keyof typeof TYPES

function type(name: string): string {
  return `PAR 2.0\0${name}`.padEnd(16, '\0')
}

export interface PacketHeader {
  /** Of the whole packet, in bytes. */
  length: number
  md5: Buffer
  setId: string
  /** Undefined for types that others may have added. */
  kind: PacketKind | undefined
}

/** The header of a packet; undefined where it is none, or one that no packet can have. */
export function parseHeader(bytes: Buffer): PacketHeader | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined
  const length = bytes.readBigUInt64LE(8)
  if (length < BigInt(HEADER_BYTES) || length % BigInt(PACKET_UNIT) !== 0n) return undefined
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  const name = bytes.toString('latin1', 48, 64)
  return {
    length: Number(length),
    md5: Buffer.from(bytes.subarray(16, 32)),
    setId: bytes.toString('hex', 32, 48),
    kind: (Object.keys(TYPES) as PacketKind[]).find((kind) => TYPES[kind] === name),
  }
}

/** A whole packet. The body is padded with zeros. */
export function makePacket(kind: PacketKind, setId: string, body: Buffer): Buffer {
  const length = HEADER_BYTES + Math.ceil(body.length / PACKET_UNIT) * PACKET_UNIT
  const packet = Buffer.alloc(length)
  body.copy(packet, HEADER_BYTES)
  const prefix = hashedPrefix(kind, setId)
  prefix.copy(packet, 32)
  const md5 = createHash('md5').update(packet.subarray(32)).digest()
  headerOf(length, md5).copy(packet)
  return packet
}

/** What of a recovery packet stands before its data; its MD5 is known only after the data. */
export function recoveryHeader(setId: string, exponent: number, sliceSize: number, md5: Buffer): Buffer {
  return Buffer.concat([headerOf(RECOVERY_HEADER_BYTES + sliceSize, md5), recoveryPrefix(setId, exponent)])
}

/** The hash of a recovery packet, begun: its data is to follow. */
export function beginRecoveryHash(setId: string, exponent: number): Hash {
  return createHash('md5').update(recoveryPrefix(setId, exponent))
}

function recoveryPrefix(setId: string, exponent: number): Buffer {
  const number = Buffer.alloc(4)
  number.writeUInt32LE(exponent)
  return Buffer.concat([hashedPrefix('recovery', setId), number])
}

function hashedPrefix(kind: PacketKind, setId: string): Buffer {
  return Buffer.concat([Buffer.from(setId, 'hex'), Buffer.from(TYPES[kind], 'latin1')])
}

function headerOf(length: number, md5: Buffer): Buffer {
  const head = Buffer.alloc(16)
  MAGIC.copy(head)
  head.writeBigUInt64LE(BigInt(length), 8)
  return Buffer.concat([head, md5])
}
