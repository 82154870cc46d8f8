/** Bits, the lowest first, into bytes (RFC 1951, 3.1.1). */
export class BitWriter {
  bytes: Buffer
  length = 0
  private held = 0
  private count = 0

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size)
  }

  /** At most 16 bits. */
  put(value: number, bits: number): void {
    this.held |= value << this.count
    this.count += bits
    while (this.count >= 8) {
      this.bytes[this.length++] = this.held & 0xff
      this.held >>>= 8
      this.count -= 8
    }
  }

  align(): void {
    if (this.count > 0) this.put(0, 8 - this.count)
  }

  /** Room for so many more bytes. */
  reserve(size: number): void {
    if (this.length + size + 8 <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(2 * this.bytes.length + size)
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  append(source: Uint8Array): void {
    this.reserve(source.length)
    this.bytes.set(source, this.length)
    this.length += source.length
  }
}
