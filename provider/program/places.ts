/** Where a chunk stands in the one file: its first byte, counted from the end; how many there are; the lines before it. */
export type Place = [fromEnd: number, length: number, lines: number]

export interface Places {
  /** The chunk that is loaded first; everything in it is loaded along with it. */
  core: Place
  /** By the names that chunks ask for each other with. */
  later: Record<string, Place>
  /** The chunk of the core that gives out what the one file exports. */
  entry: string
  /** The chunk that keeps a file. */
  keeper: string
  /** Tells programs apart whose code is kept. */
  build: string
}

/** Where the chunks of this program are. scripts/bundle replaces this module by the actual places. */
export const PLACES: Places = { core: [0, 0, 0], later: {}, entry: '', keeper: '', build: '' }
