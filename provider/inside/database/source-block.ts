/**
 * What one publisher says about some ecosystems, as stored in a database: replaced and removed as a whole.
 */
export interface DatabaseSource {
  /** `OSV Debian`, `Debian security tracker`, `Alpine secdb v3.19/main`. */
  name: string
  /** Whose format it came in. */
  kind: SourceKind
  /** When the newest of it was changed, as RFC 3339; where its publisher does not say, when the file was. */
  date: string
  /** How many advisories there are. */
  advisories: number
  /** Which ecosystems they are about, with how many entries of packages each. */
  ecosystems: Record<string, number>
}

export type SourceKind = 'osv' | 'debian-tracker' | 'alpine-secdb'

/** The parts of a source in the file, one after the other; all places in them count from the start of the part. */
export interface BlockSizes {
  /** Sorted by the bytes of their keys, `KEY_SIZE` bytes each. */
  keys: number
  /** The keys. */
  texts: number
  entries: number
  advisories: number
}

/** A source with its bytes. */
export interface SourceBlock {
  source: DatabaseSource
  sizes: BlockSizes
  /** Of all its parts together. */
  bytes: Buffer
}

/** Of one row of the table: where the key is, how long it is, where its entries are, their bytes, and how many. */
export const KEY_SIZE = 20

/** One ecosystem, a line feed, and the name of a package in it. */
export function keyOf(ecosystem: string, name: string): Buffer {
  return Buffer.from(`${ecosystem}\n${name}`, 'utf8')
}
