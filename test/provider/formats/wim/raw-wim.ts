import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'

/** An entry of a WIM that is put together byte by byte, as no program of ours writes it. */
export interface RawEntry {
  name?: string
  attributes?: number
  data?: string | Buffer
  children?: RawEntry[]
  streams?: { name: string; data: string | Buffer }[]
  reparse?: { tag: number; data: Buffer }
  /** The group of hard links. */
  group?: number
  unix?: { uid?: number; gid?: number; mode: number; rdev?: number }
  /** Whole tagged items: see `tagged`. */
  items?: Buffer[]
}

export interface RawImage {
  root: RawEntry
  name?: string
  /** What stands in the image's element of the XML data, in place of a name and a version. */
  xml?: string
}

const TIME = 131_000_000_000_000_000n
const VERSION =
  '<WINDOWS><ARCH>9</ARCH><VERSION><MAJOR>10</MAJOR><MINOR>0</MINOR><BUILD>14300</BUILD><SPBUILD>1000</SPBUILD></VERSION></WINDOWS>'

export function folder(children: RawEntry[], more: RawEntry = {}): RawEntry {
  return { attributes: 0x10, children, ...more }
}

export function file(name: string, data: string | Buffer = '', more: RawEntry = {}): RawEntry {
  return { name, data, ...more }
}

/** u32 tag, u32 size, data, padding to a multiple of 8. */
export function tagged(tag: number, data: Buffer): Buffer {
  const item = Buffer.alloc(8 + align8(data.length))
  item.writeUInt32LE(tag, 0)
  item.writeUInt32LE(data.length, 4)
  data.copy(item, 8)
  return item
}

/** The buffer of a symlink ([MS-FSCC] 2.1.2.4), without its head. */
export function symlinkBuffer(target: string, isRelative: boolean, print = target): Buffer {
  return linkBuffer(target, print, [isRelative ? 1 : 0])
}

/** The buffer of a junction ([MS-FSCC] 2.1.2.5), without its head. */
export function junctionBuffer(target: string): Buffer {
  return linkBuffer(`\\??\\${target}`, target, [])
}

function linkBuffer(substitute: string, print: string, flags: number[]): Buffer {
  const first = Buffer.from(`${substitute}\0`, 'utf16le')
  const second = Buffer.from(`${print}\0`, 'utf16le')
  const head = Buffer.alloc(8 + 4 * flags.length)
  head.writeUInt16LE(first.length - 2, 2)
  head.writeUInt16LE(first.length, 4)
  head.writeUInt16LE(second.length - 2, 6)
  for (const flag of flags) head.writeUInt32LE(flag, 8)
  return Buffer.concat([head, first, second])
}

/** Writes a WIM, not compressed; contents in `missing` are named, but not there. */
export function writeRawWim(
  target: string,
  images: RawImage[],
  { missing = [] }: { missing?: string[] } = {},
): string {
  const blobs = new Map<string, { sha1: Buffer; data: Buffer; references: number }>()
  const trees = images.map(({ root }) => treeOf(root, blobs))
  const pieces: Buffer[] = [Buffer.alloc(208)]
  let at = 208
  const rows: Buffer[] = []
  const add = (data: Buffer, sha1: Buffer, references: number, flags: number): void => {
    const row = Buffer.alloc(50)
    row.writeUIntLE(data.length, 0, 6)
    row[7] = flags
    row.writeBigUInt64LE(BigInt(at), 8)
    row.writeBigUInt64LE(BigInt(data.length), 16)
    row.writeUInt16LE(1, 24)
    row.writeUInt32LE(references, 26)
    sha1.copy(row, 30)
    rows.push(row)
    pieces.push(data)
    at += data.length
  }
  for (const { data, sha1, references } of blobs.values())
    if (!missing.some((one) => sha1Of(Buffer.from(one)).equals(sha1))) add(data, sha1, references, 0)
  for (const tree of trees) add(tree, sha1Of(tree), 1, 2)
  const table = Buffer.concat(rows)
  const elements = images.map(({ name, xml }, i) => {
    const inside = xml ?? `<NAME>${name ?? (i === 0 ? 'test' : `test${i + 1}`)}</NAME>${VERSION}`
    return `<IMAGE INDEX="${i + 1}">${inside}</IMAGE>`
  })
  const xml = Buffer.from(`\ufeff<WIM>${elements.join('')}</WIM>`, 'utf16le')
  const whole = Buffer.concat([...pieces, table, xml])
  whole.write('MSWIM\0\0\0', 'latin1')
  whole.writeUInt32LE(208, 8)
  whole.writeUInt32LE(0x10d00, 0x0c)
  sha1Of(table).copy(whole, 0x18, 0, 16)
  whole.writeUInt16LE(1, 0x28)
  whole.writeUInt16LE(1, 0x2a)
  whole.writeUInt32LE(images.length, 0x2c)
  place(whole, 0x30, table.length, at)
  place(whole, 0x48, xml.length, at + table.length)
  writeFileSync(target, whole)
  return target
}

function place(header: Buffer, field: number, size: number, offset: number): void {
  header.writeUIntLE(size, field, 6)
  header[field + 7] = 2
  header.writeBigUInt64LE(BigInt(offset), field + 8)
  header.writeBigUInt64LE(BigInt(size), field + 16)
}

function treeOf(
  root: RawEntry,
  blobs: Map<string, { sha1: Buffer; data: Buffer; references: number }>,
): Buffer {
  const pieces: Buffer[] = [Buffer.from([8, 0, 0, 0, 0, 0, 0, 0])]
  let at = 8
  const push = (bytes: Buffer): void => {
    pieces.push(bytes)
    at += bytes.length
  }
  const hashOf = (content: string | Buffer | undefined): Buffer => {
    const data = Buffer.from(content ?? '')
    if (data.length === 0) return Buffer.alloc(20)
    const sha1 = sha1Of(data)
    const known = blobs.get(sha1.toString('hex'))
    if (known) known.references++
    else blobs.set(sha1.toString('hex'), { sha1, data, references: 1 })
    return sha1
  }
  const children = (entry: RawEntry, fixed: Buffer): void => {
    if (!entry.children) return
    fixed.writeBigUInt64LE(BigInt(at), 0x10)
    const inside = entry.children.map((child) => ({ child, bytes: entryBytes(child, hashOf) }))
    for (const { bytes } of inside) for (const one of bytes) push(one)
    push(Buffer.alloc(8))
    for (const { child, bytes } of inside) children(child, bytes[0] as Buffer)
  }
  const first = entryBytes({ ...root, name: '' }, hashOf)
  for (const one of first) push(one)
  push(Buffer.alloc(8))
  children(root, first[0] as Buffer)
  return Buffer.concat(pieces)
}

/** The entry, then its streams. */
function entryBytes(entry: RawEntry, hashOf: (content: string | Buffer | undefined) => Buffer): Buffer[] {
  const name = Buffer.from(entry.name ?? '', 'utf16le')
  const items = Buffer.concat([...(entry.items ?? []), ...(entry.unix ? [unixItem(entry.unix)] : [])])
  const start = align8(0x66 + (name.length > 0 ? name.length + 2 : 0))
  const fixed = Buffer.alloc(start + items.length)
  const attributes = entry.attributes ?? (entry.children ? 0x10 : entry.reparse ? 0x400 : 0x80)
  const unnamed: Buffer[] = []
  if (entry.reparse) unnamed.push(hashOf(entry.reparse.data))
  if (!(attributes & 0x10) || entry.data !== undefined) unnamed.push(hashOf(entry.data))
  const named = entry.streams ?? []
  const hasOwn = named.length === 0 && (unnamed.length < 2 || entry.data === undefined)
  const streams = hasOwn
    ? []
    : [
        ...unnamed.map((hash) => ({ name: '', hash })),
        ...named.map(({ name, data }) => ({ name, hash: hashOf(data) })),
      ]
  fixed.writeBigUInt64LE(BigInt(fixed.length), 0)
  fixed.writeUInt32LE(attributes, 8)
  fixed.writeInt32LE(-1, 0x0c)
  for (const field of [0x28, 0x30, 0x38]) fixed.writeBigUInt64LE(TIME, field)
  if (hasOwn && unnamed[0]) unnamed[0].copy(fixed, 0x40)
  if (entry.reparse) fixed.writeUInt32LE(entry.reparse.tag, 0x58)
  else fixed.writeBigUInt64LE(BigInt(entry.group ?? 0), 0x58)
  fixed.writeUInt16LE(streams.length, 0x60)
  fixed.writeUInt16LE(name.length, 0x64)
  name.copy(fixed, 0x66)
  items.copy(fixed, start)
  return [fixed, ...streams.map(({ name, hash }) => streamBytes(name, hash))]
}

function streamBytes(name: string, hash: Buffer): Buffer {
  const text = Buffer.from(name, 'utf16le')
  const bytes = Buffer.alloc(align8(0x26 + (text.length > 0 ? text.length + 2 : 0)))
  bytes.writeBigUInt64LE(BigInt(bytes.length), 0)
  hash.copy(bytes, 0x10)
  bytes.writeUInt16LE(text.length, 0x24)
  text.copy(bytes, 0x26)
  return bytes
}

function unixItem({ uid = 0, gid = 0, mode, rdev = 0 }: NonNullable<RawEntry['unix']>): Buffer {
  const data = Buffer.alloc(16)
  for (const [i, value] of [uid, gid, mode, rdev].entries()) data.writeUInt32LE(value, 4 * i)
  return tagged(0x337dd873, data)
}

function sha1Of(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest()
}

function align8(size: number): number {
  return (size + 7) & ~7
}
