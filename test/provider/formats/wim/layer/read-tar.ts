import { readFileSync } from 'node:fs'

/** A member of a tar with its records, read as POSIX says, by nothing of the program's own. */
export interface TarMember {
  name: string
  type: string
  mode: number
  uid: number
  gid: number
  size: number
  link: string
  /** Of a device: its two numbers. */
  device: string
  /** In seconds since 1970, with decimals. */
  mtime: string
  records: Record<string, string>
  bytes: Buffer
}

/** @param end how many bytes of zeros end it; any number of them where it is `any`, as of other programs */
export function readTar(file: string, end: number | 'any' = 1024): TarMember[] {
  return readTarBytes(readFileSync(file), end)
}

export function readTarBytes(tar: Buffer, end: number | 'any' = 1024): TarMember[] {
  const members: TarMember[] = []
  let records: Record<string, string> = {}
  for (let at = 0; at < tar.length; ) {
    const block = tar.subarray(at, at + 512)
    if (block.every((byte) => byte === 0)) {
      const isEnd = end === 'any' || tar.length - at === end
      if (!isEnd || !tar.subarray(at).every((byte) => byte === 0)) throw new Error('bad end')
      return members
    }
    const text = (from: number, size: number) =>
      block.toString('utf8', from, from + size).replace(/\0.*$/s, '')
    const octal = (from: number, size: number) => Number.parseInt(text(from, size) || '0', 8)
    let sum = 256
    block.forEach((byte, i) => {
      if (i < 148 || i >= 156) sum += byte
    })
    if (sum !== octal(148, 8)) throw new Error(`the checksum at ${at} is wrong`)
    const size = Number(records.size ?? octal(124, 12))
    const bytes = tar.subarray(at + 512, at + 512 + size)
    const padding = tar.subarray(at + 512 + size, at + 512 + Math.ceil(size / 512) * 512)
    if (!padding.every((byte) => byte === 0)) throw new Error(`the padding at ${at} is not empty`)
    at += 512 + Math.ceil(size / 512) * 512
    const type = text(156, 1)
    if (type === 'x') {
      records = parseRecords(bytes)
      continue
    }
    const name = records.path ?? text(0, 100)
    const link = records.linkpath ?? text(157, 100)
    const owner = { mode: octal(100, 8), uid: octal(108, 8), gid: octal(116, 8) }
    const device = type === '3' || type === '4' ? `${octal(329, 8)}:${octal(337, 8)}` : ''
    const mtime = records.mtime ?? String(octal(136, 12))
    members.push({ name, type, ...owner, size, link, device, mtime, records, bytes })
    records = {}
  }
  throw new Error('the tar has no end')
}

function parseRecords(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(' ', at)
    const length = Number(bytes.toString('latin1', at, blank))
    const record = bytes.toString('utf8', blank + 1, at + length - 1)
    if (bytes[at + length - 1] !== 10) throw new Error('a record does not end with a line feed')
    const equals = record.indexOf('=')
    found[record.slice(0, equals)] = record.slice(equals + 1)
    at += length
  }
  return found
}
