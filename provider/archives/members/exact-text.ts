/**
 * Bytes as text: UTF-8, and each byte that belongs to no character as U+DC80 to U+DCFF (PEP 383 of Python).
 * UTF-8 never contains these lone surrogates, so different bytes never become the same text.
 */
export function exactText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  // Nearly every text is done here; the others contain U+FFFD, or bytes that were replaced by it.
  return text.includes('\ufffd') ? byteByByte(bytes) : text
}

/** The bytes from which `exactText` made a text. */
export function exactBytes(text: string): Buffer {
  if (isUtf8(text)) return Buffer.from(text, 'utf8')
  const parts = text.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 1 ? Buffer.of(part.charCodeAt(0) & 0xff) : Buffer.from(part, 'utf8'))),
  )
}

/** Whether all of a text that `exactText` made is UTF-8. */
export function isUtf8(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

/**
 * The same in UTF-16, as on Windows, where a name may have an unpaired surrogate: it is encoded in the three
 * bytes that UTF-8 would use for it (WTF-8, as Go, Rust and wimlib write it). Two such encoded surrogates
 * that form a pair are not allowed: the name would be the same as that of the character.
 * @returns undefined for other bytes
 */
export function wideText(text: string): string | undefined {
  if (isUtf8(text)) return text
  if (BOTH_HALVES.test(text) || !isUtf8(text.replace(HALF, ''))) return undefined
  return text.replace(HALF, (three) => {
    const [, second = 0, third = 0] = Array.from(three, (byte) => byte.charCodeAt(0))
    return String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f))
  })
}

const HALF = /\udced[\udca0-\udcbf][\udc80-\udcbf]/gu
const BOTH_HALVES = /\udced[\udca0-\udcaf][\udc80-\udcbf]\udced[\udcb0-\udcbf][\udc80-\udcbf]/u

function byteByByte(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at)
    text +=
      length > 0 ? bytes.toString('utf8', at, at + length) : String.fromCharCode(0xdc00 | (bytes[at] ?? 0))
    at += Math.max(length, 1)
  }
  return text
}

/** How many bytes the character that begins here has (RFC 3629, 4); 0 where none does. */
function characterAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  const [low, high] = SECOND[first] ?? [0x80, 0xbf]
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0
    if (byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return 0
  }
  return length
}

/** What may follow these first bytes: no overlong form, no surrogate, nothing out of range. */
const SECOND: Record<number, [number, number]> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
}
