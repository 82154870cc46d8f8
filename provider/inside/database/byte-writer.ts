/** Gathers bytes of unknown length: texts and whole numbers, each read back by `ByteCursor`. */
export class ByteWriter {
  private bytes: Buffer
  length = 0

  constructor(capacity = 64 * 1024) {
    this.bytes = Buffer.allocUnsafe(capacity)
  }

  byte(value: number): void {
    this.grow(1)
    this.bytes[this.length++] = value
  }

  /** A whole number from 0 on, seven bits a byte, the lowest first. */
  number(value: number): void {
    this.grow(8)
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.length++] = rest
  }

  /** In UTF-8, with its length in bytes before it. */
  text(value: string): void {
    const size = Buffer.byteLength(value, 'utf8')
    this.number(size)
    this.grow(size)
    this.length += this.bytes.write(value, this.length, 'utf8')
  }

  append(bytes: Uint8Array): void {
    this.grow(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Everything written from a certain position on; valid until more is written. */
  view(from = 0, to = this.length): Buffer {
    return this.bytes.subarray(from, to)
  }

  private grow(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.length + more))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}
