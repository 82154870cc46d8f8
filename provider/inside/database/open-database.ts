import { closeSync, fstatSync } from 'node:fs'
import { openRegularSync } from '../../io/files/regular-file.js'
import { fromSystem } from '../../io/files/system-errors.js'
import type { Advisory } from '../advisories/advisory.js'
import { ByteCursor } from './byte-cursor.js'
import { damagedDatabase } from './damaged.js'
import {
  HEADER_SIZE,
  type Header,
  type PlacedSource,
  parseDirectory,
  parseHeader,
  totalOf,
} from './database-file.js'
import { Pages } from './pages.js'
import { type Entry, readAdvisory, readEntry } from './records.js'
import { type DatabaseSource, KEY_SIZE, keyOf, type SourceBlock } from './source-block.js'

/** What a database says about one package. */
export interface FoundEntry {
  source: DatabaseSource
  entry: Entry
  /** Read when it is asked for: most entries turn out not to be about the version. */
  advisory(): Advisory
}

/** Bytes of a number that can be represented exactly. */
const LONGEST_NUMBER = 8

/** A database of advisories, opened to be read in place. */
export class Database {
  private constructor(
    readonly file: string,
    private readonly fd: number,
    readonly header: Header,
    private readonly placed: readonly PlacedSource[],
    private readonly pages: Pages,
  ) {}

  /** @throws DATABASE_INVALID, NOT_A_FILE, PATH_NOT_FOUND, PERMISSION_DENIED */
  static open(file: string): Database {
    const fd = opened(file)
    try {
      const size = fstatSync(fd).size
      const pages = new Pages(fd, size, file)
      const header = parseHeader(pages.read(0, Math.min(size, HEADER_SIZE)), file)
      if (header.size !== size) throw damagedDatabase(`${header.size} bytes`, `${size} bytes`, file)
      const directory = pages.read(HEADER_SIZE, header.directorySize)
      return new Database(file, fd, header, parseDirectory(directory, header, file), pages)
    } catch (error) {
      closeSync(fd)
      throw fromSystem(error, `Reading ${file}`)
    }
  }

  get sources(): DatabaseSource[] {
    return this.placed.map(({ source }) => source)
  }

  /** Whether any source is about an ecosystem, with its release. */
  knows(ecosystem: string): boolean {
    return this.placed.some(({ source }) => Object.hasOwn(source.ecosystems, ecosystem))
  }

  /** Everything that is said about a package. @throws DATABASE_INVALID */
  *find(ecosystem: string, name: string): Generator<FoundEntry> {
    const key = keyOf(ecosystem, name)
    for (const placed of this.placed)
      if (Object.hasOwn(placed.source.ecosystems, ecosystem)) yield* this.findIn(placed, key)
  }

  private *findIn(placed: PlacedSource, key: Buffer): Generator<FoundEntry> {
    const { sizes, source, offset } = placed
    const row = this.rowOf(placed, key)
    if (row === undefined) return
    const [place, size, count] = [row.readUInt32LE(8), row.readUInt32LE(12), row.readUInt32LE(16)]
    if (place + size > sizes.entries) throw this.damaged()
    const cursor = new ByteCursor(
      Buffer.from(this.pages.read(offset + sizes.keys + sizes.texts + place, size)),
    )
    for (let at = 0; at < count; at++) {
      const entry = readEntry(cursor)
      yield { source, entry, advisory: () => this.advisoryAt(placed, entry.advisory) }
    }
  }

  /** By halves. */
  private rowOf({ sizes, offset }: PlacedSource, key: Buffer): Buffer | undefined {
    let [low, high] = [0, sizes.keys / KEY_SIZE]
    while (low < high) {
      const middle = (low + high) >>> 1
      const row = Buffer.from(this.pages.read(offset + middle * KEY_SIZE, KEY_SIZE))
      const [place, length] = [row.readUInt32LE(0), row.readUInt32LE(4)]
      if (place + length > sizes.texts) throw this.damaged()
      const order = Buffer.compare(key, this.pages.read(offset + sizes.keys + place, length))
      if (order === 0) return row
      if (order < 0) high = middle
      else low = middle + 1
    }
    return undefined
  }

  private advisoryAt({ sizes, offset }: PlacedSource, place: number): Advisory {
    if (place >= sizes.advisories) throw this.damaged()
    const start = offset + sizes.keys + sizes.texts + sizes.entries + place
    const rest = sizes.advisories - place
    const head = new ByteCursor(this.pages.read(start, Math.min(rest, LONGEST_NUMBER)))
    const size = head.number()
    if (head.at + size > rest) throw this.damaged()
    return readAdvisory(new ByteCursor(this.pages.read(start + head.at, size)))
  }

  private damaged(): Error {
    return damagedDatabase('places within the file', 'one beyond it', this.file)
  }

  /** All that a source has, to be copied as it is. @throws DATABASE_INVALID */
  blockOf(name: string): SourceBlock | undefined {
    const placed = this.placed.find(({ source }) => source.name === name)
    if (!placed) return undefined
    const { source, sizes, offset } = placed
    return { source, sizes, bytes: this.pages.read(offset, totalOf(sizes)) }
  }

  close(): void {
    closeSync(this.fd)
  }
}

function opened(file: string): number {
  try {
    return openRegularSync(file)
  } catch (error) {
    throw fromSystem(error, `Opening ${file}`)
  }
}
