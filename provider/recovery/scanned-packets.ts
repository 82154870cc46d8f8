import type { PacketKind } from './packet.js'

/** What a recovery file holds, as far as it is intact. */
export interface Scan {
  critical: CriticalPacket[]
  recovery: RecoveryPacket[]
  /** Whether every byte belongs to an intact packet. */
  intact: boolean
}

export interface CriticalPacket {
  kind: Exclude<PacketKind, 'recovery'>
  setId: string
  body: Uint8Array
}

export interface RecoveryPacket {
  setId: string
  exponent: number
  /** Where the data is in the file, in bytes. */
  position: number
  size: number
}
