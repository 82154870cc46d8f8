import type { TreeEntry } from './entry.js'
import type { BroughtRecord } from './layer-record.js'
import { enlarged, roomFor } from './name-column.js'

export const KINDS: readonly TreeEntry['kind'][] = [
  'file',
  'folder',
  'link',
  'character-device',
  'block-device',
  'fifo',
]
const FOLDER = KINDS.indexOf('folder')
const FIRST_ROOM = 1024
/** For a folder that no layer has an entry for, and which exists because there is something in it. */
const IMPLIED_MODE = 0o755

/** What names stand for, as a file system has it in its inodes: a column for each property. */
export class Things {
  kind = new Uint8Array(FIRST_ROOM)
  mode = new Uint16Array(FIRST_ROOM)
  layer = new Uint16Array(FIRST_ROOM)
  uid = new Uint32Array(FIRST_ROOM)
  gid = new Uint32Array(FIRST_ROOM)
  size = new Float64Array(FIRST_ROOM)
  mtime = new Float64Array(FIRST_ROOM)
  offset = new Float64Array(FIRST_ROOM)
  /** Whether it has, or had, more than one name. */
  isLinked = new Uint8Array(FIRST_ROOM)
  private count = 0

  add(record: BroughtRecord, layer: number): number {
    if (this.count === this.kind.length) this.grow()
    const thing = this.count++
    this.kind[thing] = KINDS.indexOf(record.kind)
    this.mode[thing] = record.mode
    this.layer[thing] = layer
    this.uid[thing] = record.uid
    this.gid[thing] = record.gid
    this.size[thing] = record.size
    this.mtime[thing] = record.mtime
    this.offset[thing] = record.offset
    return thing
  }

  /** A folder that exists only because of what is in it. */
  addImplied(layer: number): number {
    const folder = { does: 'bring', path: '', kind: 'folder', mode: IMPLIED_MODE } as const
    return this.add({ ...folder, size: 0, uid: 0, gid: 0, mtime: 0, offset: 0 }, layer)
  }

  is(thing: number, kind: TreeEntry['kind']): boolean {
    return this.kind[thing] === (kind === 'folder' ? FOLDER : KINDS.indexOf(kind))
  }

  private grow(): void {
    const room = roomFor(this.kind.length)
    this.kind = enlarged(this.kind, new Uint8Array(room))
    this.isLinked = enlarged(this.isLinked, new Uint8Array(room))
    this.mode = enlarged(this.mode, new Uint16Array(room))
    this.layer = enlarged(this.layer, new Uint16Array(room))
    this.uid = enlarged(this.uid, new Uint32Array(room))
    this.gid = enlarged(this.gid, new Uint32Array(room))
    this.size = enlarged(this.size, new Float64Array(room))
    this.mtime = enlarged(this.mtime, new Float64Array(room))
    this.offset = enlarged(this.offset, new Float64Array(room))
  }
}
