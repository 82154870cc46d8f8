import { crc32, deflateRawSync } from 'node:zlib'

/** A member of a zip as an attacker would write it: its own header and the directory may contradict each other. */
export interface ZipMember {
  name: string | Buffer
  bytes?: Buffer
  deflate?: boolean
  /** In the directory alone: the name that it has there. */
  listedAs?: string
  /** In the directory alone: what it says of the size. */
  listedSize?: number
  /** In both: what they say of the size. */
  size?: number
  /** In both: what they say of the sum. */
  crc32?: number
  flags?: number
  method?: number
  /** Unix mode, with its type. */
  mode?: number
  /** Put before the member, and owned by nobody. */
  gap?: Buffer
  /** Where the directory says that its header is. */
  headerOffset?: number
}

export interface ZipShape {
  /** In place of the number of members. */
  count?: number
  /** Added to where the directory begins. */
  shift?: number
  comment?: Buffer
  before?: Buffer
}

/** A zip of some members, with whatever lies they tell. */
export function zipOf(members: ZipMember[], shape: ZipShape = {}): Buffer {
  const locals: Buffer[] = [shape.before ?? Buffer.alloc(0)]
  const directory: Buffer[] = []
  let offset = locals[0]?.length ?? 0
  for (const member of members) {
    if (member.gap) {
      locals.push(member.gap)
      offset += member.gap.length
    }
    const { local, listed } = headers(member, offset)
    locals.push(local)
    directory.push(listed)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const comment = shape.comment ?? Buffer.alloc(0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(shape.count ?? members.length, 8)
  end.writeUInt16LE(shape.count ?? members.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset + (shape.shift ?? 0), 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...locals, central, end, comment])
}

function headers(member: ZipMember, offset: number): { local: Buffer; listed: Buffer } {
  const bytes = member.bytes ?? Buffer.alloc(0)
  const packed = member.deflate ? deflateRawSync(bytes) : bytes
  const method = member.method ?? (member.deflate ? 8 : 0)
  const fields = (size: number): Buffer => {
    const common = Buffer.alloc(22)
    common.writeUInt16LE(member.flags ?? 0, 0)
    common.writeUInt16LE(method, 2)
    common.writeUInt16LE(0x21, 6)
    common.writeUInt32LE(member.crc32 ?? crc32(bytes), 8)
    common.writeUInt32LE(packed.length, 12)
    common.writeUInt32LE(size, 16)
    return common
  }
  const name = Buffer.from(member.name)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  fields(member.size ?? bytes.length).copy(local, 6, 0, 20)
  local.writeUInt16LE(name.length, 26)
  const listedName = Buffer.from(member.listedAs ?? member.name)
  const listed = Buffer.alloc(46)
  listed.writeUInt32LE(0x02014b50, 0)
  listed.writeUInt16LE(0x0314, 4)
  listed.writeUInt16LE(20, 6)
  fields(member.listedSize ?? member.size ?? bytes.length).copy(listed, 8, 0, 20)
  listed.writeUInt16LE(listedName.length, 28)
  listed.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 38)
  listed.writeUInt32LE(member.headerOffset ?? offset, 42)
  return { local: Buffer.concat([local, name, packed]), listed: Buffer.concat([listed, listedName]) }
}

/** A zip with the members of a layout, to which an attack adds more. */
export function zipOfMembers(members: Map<string, Buffer>, more: ZipMember[] = [], shape?: ZipShape): Buffer {
  return zipOf([...[...members].map(([name, bytes]) => ({ name, bytes })), ...more], shape)
}
