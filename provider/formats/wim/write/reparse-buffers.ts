import type { WimSourceReparse } from './source.js'

const TAG_SYMLINK = 0xa000000c
const TAG_JUNCTION = 0xa0000003
const RELATIVE = 1
/** Of a whole reparse buffer ([MS-FSCC] 2.1.2.1): 16 KiB, less its head, the numbers, the NULs and what `\\??\\UNC` adds. */
const MAX_TARGET = (16384 - 8 - 12 - 4 - 16) / 4

/** Whether a target is short enough for a reparse buffer, in which it stands twice. */
export function fitsReparse(target: string): boolean {
  return target.length <= MAX_TARGET
}

/**
 * The reparse point of a symlink or junction on Windows ([MS-FSCC] 2.1.2.4 and 2.1.2.5), from its target as a
 * layer has it.
 */
export function windowsReparse(target: string, isJunction: boolean): WimSourceReparse {
  const print = target.replaceAll('/', '\\')
  const substitute = ntName(print)
  const names = nameBytes(substitute ?? print, print)
  if (isJunction) return { tag: TAG_JUNCTION, data: names }
  return { tag: TAG_SYMLINK, data: withFlags(names, substitute === undefined ? RELATIVE : 0) }
}

/**
 * The reparse point that wimlib makes of a symlink on Linux: slashes and backslashes change places, and an
 * absolute target stands on a drive C:.
 */
export function unixReparse(target: string): WimSourceReparse {
  const swapped = target.replace(/[\\/]/g, (sign) => (sign === '/' ? '\\' : '/'))
  const isAbsolute = target.startsWith('/')
  const print = isAbsolute ? `C:${swapped}` : swapped
  const names = nameBytes(isAbsolute ? `\\??\\${print}` : print, print)
  return { tag: TAG_SYMLINK, data: withFlags(names, isAbsolute ? 0 : RELATIVE) }
}

/** The name that the kernel knows; undefined for a relative target. */
function ntName(target: string): string | undefined {
  if (target.startsWith('\\\\?\\')) return `\\??\\${target.slice(4)}`
  if (target.startsWith('\\\\')) return `\\??\\UNC\\${target.slice(2)}`
  return /^[A-Za-z]:/.test(target) ? `\\??\\${target}` : undefined
}

/** Four numbers that say where the names are, then the names, each with a NUL behind it. */
function nameBytes(substitute: string, print: string): Buffer {
  const head = Buffer.alloc(8)
  const first = Buffer.from(`${substitute}\0`, 'utf16le')
  const second = Buffer.from(`${print}\0`, 'utf16le')
  head.writeUInt16LE(0, 0)
  head.writeUInt16LE(first.length - 2, 2)
  head.writeUInt16LE(first.length, 4)
  head.writeUInt16LE(second.length - 2, 6)
  return Buffer.concat([head, first, second])
}

/** Symlinks have their flags between the numbers and the names. */
function withFlags(bytes: Buffer, flags: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32LE(flags, 0)
  return Buffer.concat([bytes.subarray(0, 8), word, bytes.subarray(8)])
}
