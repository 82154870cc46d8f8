import type { Bytes } from '../../io/bytes.js'
import type { AnyEntry } from '../compare/entry-differences.js'

/** What a changed root has under one name. */
export interface RootEntry extends AnyEntry {
  /** Whether it may have other names as well. */
  isLinked?: boolean
}

/** A root file system as it is now, in a folder or a tar: a new layer is made of it. */
export interface Root {
  /** For messages. */
  readonly label: string
  /** Whether extended attributes are read. */
  readonly hasAttributes: boolean
  /** What could not be taken, each with a reason; known when all entries were seen. */
  readonly leftOut: readonly LeftOut[]
  /**
   * Everything in it, in the order of `comparePaths`.
   * @throws UNSAFE_NAME, PERMISSION_DENIED and the system's errors
   */
  entries(): Iterable<RootEntry>
  /** The bytes of a file. @throws CHANGED_MEANWHILE if it has changed since it was listed */
  bytes(entry: RootEntry, signal?: AbortSignal): Bytes
  close(): Promise<void>
}

/** Something in a root that no layer can have, or that does not belong to this root. */
export interface LeftOut {
  path: string
  /** In words: `a socket`. */
  reason: string
  /** Nobody knows what is below it, so nothing there counts as removed. */
  hidesBelow?: boolean
}
