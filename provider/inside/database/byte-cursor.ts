import { damagedDatabase } from './damaged.js'

/** Reads what `ByteWriter` wrote. Whatever the bytes are, it ends, and reads nothing beyond them. */
export class ByteCursor {
  constructor(
    private readonly bytes: Buffer,
    /** Of the next byte. */
    public at = 0,
  ) {}

  /** @throws DATABASE_INVALID */
  byte(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw damagedDatabase('a number', 'the end')
    return value
  }

  /** @throws DATABASE_INVALID */
  number(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 0x80
    }
    if (!Number.isSafeInteger(value)) throw damagedDatabase('a number', `${value}`)
    return value
  }

  /** How many of something follow, each of which takes at least one byte. @throws DATABASE_INVALID */
  count(): number {
    const count = this.number()
    if (count > this.bytes.length - this.at)
      throw damagedDatabase('as many members as there are bytes', `${count}`)
    return count
  }

  /** @throws DATABASE_INVALID */
  text(): string {
    const size = this.count()
    const text = this.bytes.toString('utf8', this.at, this.at + size)
    this.at += size
    return text
  }
}
