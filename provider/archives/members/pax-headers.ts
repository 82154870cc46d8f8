import { BLOCK, padded } from './tar-header.js'

/** What the two headers of one member say; records come on top of it. */
export interface MemberHeader {
  name: string
  type: '0' | '1' | '2' | '3' | '4' | '5' | '6'
  mode: number
  uid: number
  gid: number
  size: number
  /** Whole seconds since 1970; the exact time is a record. */
  seconds: number
  linkName: string
  major: number
  minor: number
}

const OCTAL_11 = 8 ** 11
const OCTAL_7 = 8 ** 7
export const NAME_BYTES = 100

/**
 * Extended header records (POSIX.1-2017, pax, "pax Extended Header"), gathered as one character a byte, so that
 * their length is known at once and values may be any bytes.
 */
export class PaxRecords {
  text = ''

  /** @param value one character a byte */
  addBytes(key: string, value: string): void {
    const rest = key.length + value.length + 3
    let digits = String(rest).length
    if (String(rest + digits).length > digits) digits++
    this.text += `${rest + digits} ${key}=${value}\n`
  }

  addText(key: string, value: string): void {
    this.addBytes(key, utf8(value))
  }
}

/**
 * The bytes of a text in UTF-8, one character a byte. An unpaired surrogate gets the three bytes that UTF-8
 * would use for it if it were allowed (WTF-8): a Linux name had these bytes before wimlib captured it.
 */
function utf8(text: string): string {
  if (isAscii(text)) return text
  return text
    .split(/(\p{Surrogate})/u)
    .map((part) => (/^\p{Surrogate}$/u.test(part) ? threeBytes(part.charCodeAt(0)) : latin1(part)))
    .join('')
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function threeBytes(unit: number): string {
  return String.fromCharCode(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false
  return true
}

/** Adds what the old header has no room for: long names, names that are not ASCII, large numbers. */
export function addOverflow(records: PaxRecords, header: MemberHeader): void {
  if (header.gid >= OCTAL_7) records.addBytes('gid', String(header.gid))
  if (header.linkName !== '' && !fits(header.linkName)) records.addText('linkpath', header.linkName)
  if (!fits(header.name)) records.addText('path', header.name)
  if (header.size >= OCTAL_11) records.addBytes('size', String(header.size))
  if (header.uid >= OCTAL_7) records.addBytes('uid', String(header.uid))
}

function fits(name: string): boolean {
  return name.length <= NAME_BYTES && isAscii(name)
}

/** How many bytes the headers of a member take. */
export function headerSize(records: PaxRecords): number {
  return records.text === '' ? BLOCK : BLOCK + padded(records.text.length) + BLOCK
}

/** Writes the headers of a member; returns where its bytes begin. The place must hold zeros. */
export function writeHeaders(to: Buffer, at: number, header: MemberHeader, records: PaxRecords): number {
  const { text } = records
  if (text === '') return writeBlock(to, at, header)
  extensionBlock(text.length).copy(to, at)
  to.write(text, at + BLOCK, text.length, 'latin1')
  return writeBlock(to, at + BLOCK + padded(text.length), header)
}

/** The blocks before the records differ by their size only. */
const extensionBlocks = new Map<number, Buffer>()

function extensionBlock(size: number): Buffer {
  const known = extensionBlocks.get(size)
  if (known) return known
  const block = Buffer.alloc(BLOCK)
  const header = { name: 'PaxHeaders', mode: 0o644, uid: 0, gid: 0, seconds: 0, linkName: '' }
  writeBlock(block, 0, { ...header, type: '0', size, major: 0, minor: 0 })
  block[156] = 'x'.charCodeAt(0)
  seal(block, 0)
  if (extensionBlocks.size < 4096) extensionBlocks.set(size, block)
  return block
}

function writeBlock(to: Buffer, at: number, header: MemberHeader): number {
  writeName(to, at, header.name)
  octal(to, at + 100, 7, header.mode)
  octal(to, at + 108, 7, header.uid < OCTAL_7 ? header.uid : 0)
  octal(to, at + 116, 7, header.gid < OCTAL_7 ? header.gid : 0)
  octal(to, at + 124, 11, header.size < OCTAL_11 ? header.size : 0)
  octal(to, at + 136, 11, header.seconds >= 0 && header.seconds < OCTAL_11 ? header.seconds : 0)
  to[at + 156] = header.type.charCodeAt(0)
  if (header.linkName !== '') writeName(to, at + 157, header.linkName)
  to.write('ustar\x0000', at + 257, 8, 'latin1')
  octal(to, at + 329, 7, header.major)
  octal(to, at + 337, 7, header.minor)
  seal(to, at)
  return at + BLOCK
}

/**
 * A name that does not fit is complete in the records; what is here is for programs that do not know them.
 */
function writeName(to: Buffer, at: number, name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what ASCII is
  const ascii = isAscii(name) ? name : name.replace(/[^\x00-\x7e]+/g, '_')
  to.write(ascii, at, Math.min(NAME_BYTES, ascii.length), 'latin1')
}

function octal(to: Buffer, at: number, digits: number, value: number): void {
  let rest = value
  for (let i = digits - 1; i >= 0; i--) {
    const next = Math.floor(rest / 8)
    to[at + i] = 0x30 + (rest - next * 8)
    rest = next
  }
}

/** Where a header of ours can have anything but zeros, apart from the checksum's own field. */
const USED = [0, 148, 156, 265, 329, 345]

/** The sum of all bytes, the checksum's own field taken as blanks. */
function seal(to: Buffer, at: number): void {
  let sum = 8 * 0x20
  for (let i = 0; i < USED.length; i += 2)
    for (let j = at + (USED[i] ?? 0), end = at + (USED[i + 1] ?? 0); j < end; j++) sum += to[j] ?? 0
  octal(to, at + 148, 6, sum)
  to[at + 154] = 0
  to[at + 155] = 0x20
}
