/** Where a chunk stands in the one file: its first byte, counted from the end; how many there are; the lines before it. */
export type Place = [fromEnd: number, length: number, lines: number]

export interface Places {
  /** What is loaded first; all that it has is loaded with it. */
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

/** Where the chunks of this program are. scripts/bundle puts the places in the place of this module. */
export const PLACES: Places = { core: [0, 0, 0], later: {}, entry: '', keeper: '', build: '' }
