import { damaged, type Place } from './damage.js'

/** The security descriptors of an image, each kept once; entries refer to them by number. */
export interface SecurityData {
  /** Self-relative SECURITY_DESCRIPTORs ([MS-DTYP] 2.4.6), as they are. */
  readonly descriptors: readonly Buffer[]
  /** Where the root entry follows. */
  readonly end: number
}

/** Reads the block at the start of a metadata resource. */
export function parseSecurityData(metadata: Buffer, place: Place): SecurityData {
  const wrong = (offset: number, what: string) => damaged({ ...place, offset }, what)
  if (metadata.length < 8) throw wrong(0, 'the metadata is too short for its security data')
  const total = metadata.readUInt32LE(0) || 8
  const count = metadata.readUInt32LE(4)
  let at = 8 + 8 * count
  if (total > metadata.length || at > total)
    throw wrong(0, `${count} security descriptors do not fit into ${Math.min(total, metadata.length)} bytes`)
  const descriptors: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const size = Number(metadata.readBigUInt64LE(8 + 8 * i))
    if (!(at + size <= total)) throw wrong(8 + 8 * i, `security descriptor ${i} has ${size} bytes, too many`)
    descriptors.push(metadata.subarray(at, at + size))
    at += size
  }
  return { descriptors, end: (total + 7) & ~7 }
}
