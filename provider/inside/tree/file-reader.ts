import type { TreeEntry } from './entry.js'

/**
 * Extracts facts from single files while the layer that has them is being read. A reader sees the files of
 * one layer, including those that a later layer removes: what it found counts only for files that are left in
 * the tree.
 */
export interface FileReader<Fact> {
  /** Names the kind of its facts, and changes whenever they do: they are kept with it for the next run. */
  readonly id: string
  /** Whether it wants the bytes of a file, by its path, size and mode alone. */
  wants(entry: TreeEntry): boolean
  /**
   * What a file says; undefined if it says nothing. Only plain JSON is kept.
   * @param bytes all of the file; valid until this returns
   */
  read(entry: TreeEntry, bytes: Uint8Array): Fact | undefined
}
