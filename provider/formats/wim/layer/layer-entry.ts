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
export class LayerEntry {
  /** Of a file: its content; of a symlink or junction: where it leads. Undefined where that is empty. */
  blob: WimBlob | undefined = undefined
  /** Those that follow it in the layer. */
  streams: readonly NamedStream[] = NO_STREAMS
  /** Of a hard link: the entry that holds the content. */
  linkedTo: LayerEntry | undefined = undefined

  /** @param folder the path of what it is in; none for the root of the layer */
  constructor(
    private readonly folder: string,
    private readonly ownName: string,
    readonly kind: LayerKind,
    readonly entry: WimEntry,
  ) {}

  /**
   * Its whole path in the layer, with slashes; put together each time, as keeping all paths would take much
   * memory.
   */
  get name(): string {
    return this.folder === '' ? this.ownName : `${this.folder}/${this.ownName}`
  }
}

const NO_STREAMS: readonly NamedStream[] = []
