import { BLOCK, checksum, padded } from '../../provider/archives/members/tar-header.js'

/** A member of a tar as an attacker would write it: any field may contradict any other. */
export interface HostileMember {
  name: string | Buffer
  bytes?: Buffer
  /** What the header says, in place of the number of bytes; a Buffer is the field itself. */
  size?: number | Buffer
  type?: string
  linkName?: string
  mode?: number
  uid?: number
  mtime?: Buffer
}

/** The header and bytes of one member, padded. */
export function member(m: HostileMember): Buffer {
  const bytes = m.bytes ?? Buffer.alloc(0)
  const header = Buffer.alloc(BLOCK)
  Buffer.from(m.name).copy(header, 0, 0, 100)
  header.write(octal(m.mode ?? 0o644, 8), 100, 'latin1')
  header.write(octal(m.uid ?? 0, 8), 108, 'latin1')
  header.write(octal(0, 8), 116, 'latin1')
  const size = m.size ?? bytes.length
  Buffer.from(typeof size === 'number' ? octal(size, 12) : size).copy(header, 124)
  if (m.mtime) m.mtime.copy(header, 136)
  else header.write(octal(0, 12), 136, 'latin1')
  header.write(m.type ?? '0', 156, 'latin1')
  header.write(m.linkName ?? '', 157, 100, 'utf8')
  header.write('ustar\x0000', 257, 'latin1')
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([header, bytes, Buffer.alloc(padded(bytes.length) - bytes.length)])
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

/** A pax header with some records; a Buffer is its content as it is. */
export function pax(records: Record<string, string> | Buffer, type = 'x'): Buffer {
  const bytes = Buffer.isBuffer(records)
    ? records
    : Buffer.concat(Object.entries(records).map(([key, value]) => record(key, value)))
  return member({ name: 'PaxHeaders/x', type, bytes })
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
export function record(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  const restBytes = Buffer.byteLength(rest)
  let length = restBytes + 1
  while (restBytes + String(length).length !== length) length++
  return Buffer.from(`${length}${rest}`)
}

/** GNU's way to write a name of any length. */
export function longName(name: string, type: 'L' | 'K' = 'L'): Buffer {
  return member({ name: '././@LongLink', type, bytes: Buffer.from(`${name}\0`) })
}

export const END = Buffer.alloc(2 * BLOCK)
