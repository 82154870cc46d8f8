import { readSync } from 'node:fs'
import { damagedDatabase } from './damaged.js'

const PAGE = 16 * 1024
/** 16 MiB altogether. */
const MOST_PAGES = 1024

/** A file that is read in many small pieces: the pages that were used last are kept. */
export class Pages {
  private readonly pages = new Map<number, Buffer>()

  constructor(
    private readonly fd: number,
    private readonly size: number,
    private readonly file: string,
  ) {}

  /** Some bytes of the file; to be used before more are read. @throws DATABASE_INVALID */
  read(offset: number, length: number): Buffer {
    if (offset < 0 || length < 0 || offset + length > this.size)
      throw damagedDatabase(`a place within ${this.size} bytes`, `${offset} and ${length} more`, this.file)
    const first = Math.floor(offset / PAGE)
    const start = offset - first * PAGE
    if (start + length <= PAGE) return this.page(first).subarray(start, start + length)
    if (length > PAGE) return this.fromFile(offset, length)
    const rest = PAGE - start
    return Buffer.concat([this.page(first).subarray(start), this.page(first + 1).subarray(0, length - rest)])
  }

  private page(number: number): Buffer {
    const known = this.pages.get(number)
    if (known) return known
    // The oldest goes, which is seldom one of those that every look-up begins with.
    if (this.pages.size >= MOST_PAGES) {
      const [oldest] = this.pages.keys()
      if (oldest !== undefined) this.pages.delete(oldest)
    }
    const page = this.fromFile(number * PAGE, Math.min(PAGE, this.size - number * PAGE))
    this.pages.set(number, page)
    return page
  }

  private fromFile(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let done = 0; done < length; ) {
      const read = readSync(this.fd, bytes, done, length - done, offset + done)
      if (read === 0) throw damagedDatabase(`${this.size} bytes`, 'fewer', this.file)
      done += read
    }
    return bytes
  }
}
