const UTF8_MARK = [0xef, 0xbb, 0xbf]
const UTF16LE_MARK = [0xff, 0xfe]
const UTF16BE_MARK = [0xfe, 0xff]

/**
 * Text that people wrote with an editor or `>`, as UTF-8 without a byte order mark. Windows PowerShell's `>`
 * writes UTF-16 with a byte order mark, its `Out-File -Encoding utf8` one before UTF-8
 * ("about_Character_Encoding"), and Notepad both. Documents that have a digest are never read this way: their
 * bytes are what they are.
 */
export function inUtf8(bytes: Uint8Array): Buffer {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (begins(all, UTF8_MARK)) return all.subarray(UTF8_MARK.length)
  if (begins(all, UTF16LE_MARK)) return Buffer.from(all.toString('utf16le', UTF16LE_MARK.length), 'utf8')
  if (begins(all, UTF16BE_MARK) && all.length % 2 === 0)
    return Buffer.from(Buffer.from(all.subarray(UTF16BE_MARK.length)).swap16().toString('utf16le'), 'utf8')
  return all
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
