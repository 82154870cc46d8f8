import { checksum } from '../../../../../provider/archives/members/tar-header.js'

export interface TarMember {
  name: string
  type?: '0' | '1' | '2' | '3' | '4' | '5' | '6'
  bytes?: Buffer | string
  target?: string
  mode?: number
  uid?: number
  gid?: number
  mtime?: number
  device?: [number, number]
  records?: Record<string, string | Buffer>
}

/** A layer as other programs write it: ustar headers, pax records before them. */
export function tar(...members: TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap(memberBlocks), Buffer.alloc(1024)])
}

function memberBlocks(member: TarMember): Buffer[] {
  const bytes = Buffer.from(member.bytes ?? '')
  const records = { ...member.records }
  if (Buffer.byteLength(member.name) > 100) records.path = member.name
  const pax = Buffer.concat(Object.entries(records).map(([key, value]) => record(key, Buffer.from(value))))
  const blocks = [header(member, bytes.length), padded(bytes)]
  return pax.length === 0 ? blocks : [header({ name: 'pax' }, pax.length, 'x'), padded(pax), ...blocks]
}

function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3
  let size = rest + String(rest).length
  if (rest + String(size).length > size) size++
  return Buffer.concat([Buffer.from(`${size} ${key}=`), value, Buffer.from('\n')])
}

function header(member: TarMember, size: number, type: string = member.type ?? '0'): Buffer {
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(member.name, 0, 100)
  octal(member.mode ?? 0o644, 100, 8)
  octal(member.uid ?? 0, 108, 8)
  octal(member.gid ?? 0, 116, 8)
  octal(size, 124, 12)
  octal(member.mtime ?? 1_000_000_000, 136, 12)
  block.write(type, 156)
  block.write(member.target ?? '', 157, 100)
  block.write('ustar\x0000', 257, 'latin1')
  octal(member.device?.[0] ?? 0, 329, 8)
  octal(member.device?.[1] ?? 0, 337, 8)
  octal(checksum(block), 148, 8)
  return block
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}
