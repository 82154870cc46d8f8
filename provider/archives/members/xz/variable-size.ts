/** Sizes as xz writes them: seven bits a byte, the lowest first (xz-file-format, 1.2). */
export function readVariable(bytes: Uint8Array, place: { at: number }): number {
  let value = 0
  for (let i = 0; i < 9; i++) {
    const byte = bytes[place.at++]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break
      return value
    }
  }
  throw new Error('a size that cannot be read')
}

export function variable(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  bytes.push(left)
  return bytes
}
