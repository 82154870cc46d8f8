import { ContainerImageError } from './errors.js'

const UTF8_MARK = [0xef, 0xbb, 0xbf]
const UTF16LE_MARK = [0xff, 0xfe]
const UTF16BE_MARK = [0xfe, 0xff]

/**
 * Text that people wrote with an editor or `>`, as UTF-8 without a byte order mark. Windows PowerShell's `>`
 * writes UTF-16 with a byte order mark, its `Out-File -Encoding utf8` one before UTF-8
 * ("about_Character_Encoding"), and Notepad both. Documents that have a digest are never read this way: their
 * bytes are what they are.
 * @throws INVALID_DOCUMENT for UTF-16 that was cut or damaged: half of a character
 */
export function inUtf8(bytes: Uint8Array): Buffer {
  const utf16 = fromUtf16(bytes)
  if (utf16 === undefined) return withoutMark(bytes)
  const half = utf16.search(/\p{Surrogate}/u)
  if (bytes.length % 2 !== 0) throw cut(`${bytes.length} bytes, the last of them half of a character`)
  if (half >= 0) throw cut(`half of a character at byte ${2 * (half + 1)}`)
  return Buffer.from(utf16, 'utf8')
}

/** The same of the first bytes of a text, which may end within a character. */
export function headInUtf8(bytes: Uint8Array): Buffer {
  const utf16 = fromUtf16(bytes)
  return utf16 === undefined ? withoutMark(bytes) : Buffer.from(utf16, 'utf8')
}

/** Its whole units; undefined where no byte order mark says that it is UTF-16. */
function fromUtf16(bytes: Uint8Array): string | undefined {
  const isLittle = begins(bytes, UTF16LE_MARK)
  if (!isLittle && !begins(bytes, UTF16BE_MARK)) return undefined
  const units = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
  return (isLittle ? units : units.swap16()).toString('utf16le')
}

function withoutMark(bytes: Uint8Array): Buffer {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return begins(all, UTF8_MARK) ? all.subarray(UTF8_MARK.length) : all
}

function cut(found: string): ContainerImageError {
  return new ContainerImageError('INVALID_DOCUMENT', 'A text in UTF-16 is damaged or cut short.', {
    expected: 'whole characters, of two or four bytes each',
    found,
    remedy: 'Write or copy the file again, as UTF-8 if you can.',
  })
}

/**
 * Why some bytes are not JSON in UTF-8, where that can be said better than a parser does. RFC 8259 section 8.1 allows no
 * byte order mark, and neither docker nor containerd accepts one.
 */
export function notPlainUtf8(bytes: Uint8Array): string | undefined {
  if (begins(bytes, UTF8_MARK)) return 'a byte order mark in front, as editors on Windows write it'
  if (begins(bytes, UTF16LE_MARK) || begins(bytes, UTF16BE_MARK)) return 'UTF-16'
  if (bytes.length === 0) return 'no bytes'
  if (bytes.every((byte) => byte === 0)) return 'zeros only'
  return undefined
}

function begins(bytes: Uint8Array, mark: number[]): boolean {
  return mark.every((byte, i) => bytes[i] === byte)
}
