import { Unreadable } from '../package-reader.js'

/** A part of a program: where it is in the file, and at which address it is loaded. */
export interface Section {
  name: string
  address: number
  offset: number
  /** In the file; what is only in memory has none. */
  size: number
}

export interface Executable {
  sections: Section[]
  isLittle: boolean
}

const MOST_SECTIONS = 4096

/** Whether a file begins as a program of Linux or Windows. */
export function isExecutable(bytes: Buffer): boolean {
  if (bytes.length < 64) return false
  return bytes.readUInt32BE(0) === ELF || bytes.readUInt16BE(0) === MZ
}

const ELF = 0x7f454c46
const MZ = 0x4d5a

/** The sections of an ELF or PE file. @throws Unreadable, RangeError */
export function executable(bytes: Buffer): Executable {
  if (bytes.readUInt32BE(0) === ELF) return elf(bytes)
  if (bytes.readUInt16BE(0) === MZ) return portable(bytes)
  throw new Unreadable('it is no program')
}

/** ELF, 32 and 64 bits, of either byte order (the System V ABI's gabi, "ELF header" and "Sections"). */
function elf(bytes: Buffer): Executable {
  const isWide = bytes.readUInt8(4) === 2
  const isLittle = bytes.readUInt8(5) === 1
  const short = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const word = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const long = (at: number): number =>
    isWide ? Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)) : word(at)
  const table = long(isWide ? 40 : 32)
  const size = short(isWide ? 58 : 46)
  const count = Math.min(short(isWide ? 60 : 48), MOST_SECTIONS)
  const headers = Array.from({ length: count }, (_, i) => table + i * size)
  const namesAt = headers[short(isWide ? 62 : 50)]
  const names = namesAt === undefined ? 0 : long(namesAt + (isWide ? 24 : 16))
  const sections = headers.map((at) => ({
    name: nameAt(bytes, names + word(at)),
    address: long(at + (isWide ? 16 : 12)),
    offset: long(at + (isWide ? 24 : 16)),
    // A section without bits in the file (SHT_NOBITS, 8) still has a size.
    size: word(at + 4) === 8 ? 0 : long(at + (isWide ? 32 : 20)),
  }))
  return { sections, isLittle }
}

/**
 * PE (learn.microsoft.com/windows/win32/debug/pe-format): addresses are relative to where the image is
 * loaded.
 */
function portable(bytes: Buffer): Executable {
  const at = bytes.readUInt32LE(0x3c)
  if (bytes.readUInt32BE(at) !== 0x50450000) throw new Unreadable('it is no program of Windows')
  const count = Math.min(bytes.readUInt16LE(at + 6), MOST_SECTIONS)
  const optional = at + 24
  const isWide = bytes.readUInt16LE(optional) === 0x20b
  const base = isWide ? Number(bytes.readBigUInt64LE(optional + 24)) : bytes.readUInt32LE(optional + 28)
  const table = optional + bytes.readUInt16LE(at + 20)
  const sections = Array.from({ length: count }, (_, i) => {
    const header = table + i * 40
    return {
      name: nameAt(bytes, header, 8),
      address: base + bytes.readUInt32LE(header + 12),
      offset: bytes.readUInt32LE(header + 20),
      size: bytes.readUInt32LE(header + 16),
    }
  })
  return { sections, isLittle: true }
}

function nameAt(bytes: Buffer, at: number, most = 64): string {
  const slice = bytes.subarray(at, Math.min(at + most, bytes.length))
  const end = slice.indexOf(0)
  return slice.toString('latin1', 0, end === -1 ? slice.length : end)
}

/** What a section holds, as far as the file has it. */
export function bytesOf(bytes: Buffer, section: Section): Buffer {
  return bytes.subarray(section.offset, section.offset + section.size)
}

/** The bytes from an address on, to the end of its section; undefined where no section has it. */
export function fromAddress(bytes: Buffer, sections: Section[], address: number): Buffer | undefined {
  for (const section of sections)
    if (section.address > 0 && address >= section.address && address < section.address + section.size)
      return bytesOf(bytes, section).subarray(address - section.address)
  return undefined
}
