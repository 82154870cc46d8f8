import type { NamedStream, WimEntry } from '../read/entry.js'
import type { WimBlob } from '../read/resource-table.js'

export type LayerKind =
  | 'folder'
  | 'file'
  | 'symlink'
  | 'junction'
  | 'hard link'
  | 'character device'
  | 'block device'
  | 'fifo'

/** One name in the layer. */
export interface LayerEntry {
  /** Its whole path in the layer, with slashes. */
  name: string
  kind: LayerKind
  entry: WimEntry
  /** Of a file: its content; of a symlink or junction: where it leads. Undefined where that is empty. */
  blob: WimBlob | undefined
  /** Those that stand behind it in the layer. */
  streams: readonly NamedStream[]
  /** Of a hard link: the entry that holds the content. */
  linkedTo: LayerEntry | undefined
}
