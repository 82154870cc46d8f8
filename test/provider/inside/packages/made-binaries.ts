import { deflateSync } from 'node:zlib'

/** A section of a made program. */
export interface MadeSection {
  name: string
  bytes: Buffer
}

/** Where the first section of a made program is loaded; the others follow as they do in the file. */
export const LOADED_AT = 0x400000
/** The header of the file, and of the one segment with all of it. */
const ELF_HEADER_BYTES = 64 + 56 + 8
const SECTION_HEADER_BYTES = 64
/** Programs are at least this large to be looked into. */
const PADDING = 64 * 1024

/** A little-endian ELF file of 64 bits with these sections, each at LOADED_AT plus its offset. */
export function madeElf(sections: MadeSection[]): Buffer {
  const names = Buffer.from(`\0${[...sections.map(({ name }) => name), '.shstrtab'].join('\0')}\0`)
  const parts: Buffer[] = [Buffer.alloc(ELF_HEADER_BYTES)]
  const places = [...sections.map(({ bytes }) => bytes), names].map((bytes) => {
    const offset = parts.reduce((sum, part) => sum + part.length, 0)
    parts.push(bytes, Buffer.alloc(16 - (bytes.length % 16)))
    return { offset, size: bytes.length }
  })
  parts.push(Buffer.alloc(PADDING))
  const table = parts.reduce((sum, part) => sum + part.length, 0)
  const headers = places.map(({ offset, size }, i) => {
    const header = Buffer.alloc(SECTION_HEADER_BYTES)
    const name = i < sections.length ? (sections[i]?.name ?? '') : '.shstrtab'
    header.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, 0)
    header.writeUInt32LE(1, 4)
    header.writeBigUInt64LE(BigInt(LOADED_AT + offset), 16)
    header.writeBigUInt64LE(BigInt(offset), 24)
    header.writeBigUInt64LE(BigInt(size), 32)
    return header
  })
  const file = Buffer.concat([...parts, Buffer.alloc(SECTION_HEADER_BYTES), ...headers])
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(2, 16)
  file.writeUInt16LE(62, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  writeSegment(file, 64, table)
  file.writeBigUInt64LE(BigInt(table), 40)
  file.writeUInt16LE(SECTION_HEADER_BYTES, 58)
  file.writeUInt16LE(headers.length + 1, 60)
  file.writeUInt16LE(headers.length, 62)
  return file
}

/** One segment that is loaded, readable and writable, from the start of the file. */
function writeSegment(file: Buffer, at: number, size: number): void {
  file.writeUInt32LE(1, at)
  file.writeUInt32LE(6, at + 4)
  file.writeBigUInt64LE(BigInt(LOADED_AT), at + 16)
  file.writeBigUInt64LE(BigInt(LOADED_AT), at + 24)
  file.writeBigUInt64LE(BigInt(size), at + 32)
  file.writeBigUInt64LE(BigInt(size), at + 40)
}

/** A PE file with one section. */
export function madePe({ name, bytes }: MadeSection): Buffer {
  const file = Buffer.alloc(0x200 + bytes.length + PADDING)
  file.write('MZ', 0, 'latin1')
  file.writeUInt32LE(0x80, 0x3c)
  file.write('PE\0\0', 0x80, 'latin1')
  file.writeUInt16LE(1, 0x86)
  file.writeUInt16LE(240, 0x94)
  file.writeUInt16LE(0x20b, 0x98)
  file.writeBigUInt64LE(BigInt(LOADED_AT), 0x98 + 24)
  const header = 0x98 + 240
  file.write(name, header, 8, 'latin1')
  file.writeUInt32LE(bytes.length, header + 8)
  file.writeUInt32LE(0x200, header + 12)
  file.writeUInt32LE(bytes.length, header + 16)
  file.writeUInt32LE(0x200, header + 20)
  file.set(bytes, 0x200)
  return file
}

const GO_MODULES = [
  'path\texample.org/program',
  'mod\texample.org/program\tv1.4.0\t',
  'dep\tgolang.org/x/text\tv0.3.7\th1:sum=',
  'dep\texample.org/old\tv1.0.0',
  '=>\texample.org/new\tv1.1.0\th1:sum=',
  'dep\texample.org/ours\tv0.2.0',
  '=>\t../ours\t(devel)\t',
  'build\tGOOS=linux',
  '',
].join('\n')
const FRAME = Buffer.alloc(16, 0x30)
const MODULES = Buffer.concat([FRAME, Buffer.from(GO_MODULES), FRAME])
const VERSION = Buffer.from('go1.21.5')
const MARK = Buffer.from('\xff Go buildinf:', 'latin1')

/** What Go writes since 1.18: the texts behind the header. */
export function inlineGo(version = VERSION): Buffer {
  const text = (bytes: Buffer): Buffer => {
    const length: number[] = []
    for (let left = bytes.length; ; left >>= 7) {
      if (left < 128) return Buffer.concat([Buffer.from([...length, left]), bytes])
      length.push((left & 0x7f) | 0x80)
    }
  }
  return Buffer.concat([MARK, Buffer.from([8, 2]), Buffer.alloc(16), text(version), text(MODULES)])
}

/** A program of Go before 1.18: the header points to strings, which point to their bytes. */
export function goWithPointers(): Buffer {
  const info = Buffer.alloc(32)
  MARK.copy(info)
  info[14] = 8
  const strings = Buffer.alloc(32)
  // The sections lie one behind the other, each padded to the next 16 bytes.
  const stringsAt = LOADED_AT + ELF_HEADER_BYTES + 48
  const textAt = stringsAt + 48
  info.writeBigUInt64LE(BigInt(stringsAt), 16)
  info.writeBigUInt64LE(BigInt(stringsAt + 16), 24)
  strings.writeBigUInt64LE(BigInt(textAt), 0)
  strings.writeBigUInt64LE(BigInt(VERSION.length), 8)
  strings.writeBigUInt64LE(BigInt(textAt + VERSION.length), 16)
  strings.writeBigUInt64LE(BigInt(MODULES.length), 24)
  return madeElf([
    { name: '.go.buildinfo', bytes: info },
    { name: '.data', bytes: strings },
    { name: '.rodata', bytes: Buffer.concat([VERSION, MODULES]) },
  ])
}

/** What cargo-auditable writes. */
export function rustAudit(): Buffer {
  const packages = [
    { name: 'program', version: '0.1.0', source: 'local', root: true },
    { name: 'serde', version: '1.0.200', source: 'crates.io', kind: 'runtime' },
    { name: 'cc', version: '1.0.90', source: 'crates.io', kind: 'build' },
  ]
  return deflateSync(JSON.stringify({ packages }))
}
