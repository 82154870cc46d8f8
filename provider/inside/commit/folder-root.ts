import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { ContainerImageError, show, throwIfAborted } from '../../../manifests/index.js'
import { WHITEOUT_PREFIX } from '../../archives/layers/whiteout.js'
import { exactText } from '../../archives/members/exact-text.js'
import type { Bytes } from '../../io/bytes.js'
import { BUFFER_BYTES } from '../../io/files/buffer-size.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { type Attributes, attributesBelow } from './attributes.js'
import { OpenFolders } from './open-folders.js'
import type { LeftOut, Root, RootEntry } from './root.js'

const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const MODE_BITS = 0o7777n
const MOST_ENTRIES = 2_000_000

/** What a file is recognised by. */
type Mark = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'ctimeNs' | 'mtimeNs'>

/** @throws PATH_NOT_FOUND, PERMISSION_DENIED */
export async function folderRoot(folder: string, signal?: AbortSignal): Promise<Root> {
  const device = inWordsSync(folder, '', () => lstatSync(`${folder}/`, { bigint: true })).dev
  return new FolderRoot(folder, device, await attributesBelow(folder, signal))
}

/** A folder as the root of an image: what is in it, with owners and modes as they are. Nothing is read through a link. */
class FolderRoot implements Root {
  readonly leftOut: LeftOut[] = []
  private readonly marks = new WeakMap<RootEntry, Mark>()
  private readonly readFrom: OpenFolders
  private count = 0

  constructor(
    readonly label: string,
    private readonly device: bigint,
    private readonly attributes: Attributes | undefined,
  ) {
    this.readFrom = new OpenFolders(label)
  }

  get hasAttributes(): boolean {
    return this.attributes !== undefined
  }

  *entries(): Generator<RootEntry> {
    const folders = new OpenFolders(this.label)
    const firstOf = new Map<string, string>()
    try {
      yield* this.below('', folders, firstOf)
    } finally {
      folders.close()
    }
  }

  async *bytes(entry: RootEntry, signal?: AbortSignal): Bytes {
    const mark = this.marks.get(entry)
    const cut = entry.path.lastIndexOf('/')
    const place = (): string | Buffer =>
      this.readFrom.at(entry.path.slice(0, Math.max(cut, 0)), entry.path.slice(cut + 1))
    const fd = this.inWords(entry.path, () => openSync(place(), TO_READ))
    try {
      if (!mark || !isSame(mark, fstatSync(fd, { bigint: true }))) throw this.changed(entry.path)
      const buffer = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, Math.max(entry.size, 1)))
      let left = entry.size
      while (left > 0) {
        throwIfAborted(signal)
        const length = this.inWords(entry.path, () =>
          readSync(fd, buffer, 0, Math.min(buffer.length, left), null),
        )
        if (length === 0) break
        left -= length
        yield buffer.subarray(0, length)
        if (left > 0) await setImmediate()
      }
      if (left > 0 || !isSame(mark, fstatSync(fd, { bigint: true }))) throw this.changed(entry.path)
    } finally {
      closeSync(fd)
    }
  }

  async close(): Promise<void> {
    this.readFrom.close()
  }

  private *below(folder: string, folders: OpenFolders, firstOf: Map<string, string>): Generator<RootEntry> {
    for (const name of this.namesIn(folder, folders)) {
      const path = folder === '' ? name : `${folder}/${name}`
      const stats = this.inWords(path, () => lstatSync(folders.at(folder, name), { bigint: true }))
      if (++this.count > MOST_ENTRIES) throw tooMany(this.label)
      const entry = this.entryOf(path, stats, firstOf, () => this.targetOf(path, folders.at(folder, name)))
      if (!entry) continue
      yield entry
      if (entry.kind !== 'folder') continue
      if (stats.dev === this.device) yield* this.below(path, folders, firstOf)
      else this.leave(path, 'what is in it lies on another file system', true)
    }
  }

  private namesIn(folder: string, folders: OpenFolders): string[] {
    const names = this.inWords(folder, () =>
      readdirSync(folders.at(folder, ''), { encoding: 'buffer' }).map((name) => exactText(name)),
    )
    return names.sort((a, b) => (a < b ? -1 : 1))
  }

  private targetOf(path: string, place: string | Buffer): string {
    return exactText(this.inWords(path, () => readlinkSync(place, { encoding: 'buffer' })))
  }

  private entryOf(
    path: string,
    stats: BigIntStats,
    firstOf: Map<string, string>,
    target: () => string,
  ): RootEntry | undefined {
    const kind = kindOf(stats)
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (!kind) return this.leave(path, 'a socket')
    if (name.startsWith(WHITEOUT_PREFIX)) throw whiteoutName(this.label, path)
    const device = kind.endsWith('-device') ? deviceNumbers(stats.rdev) : undefined
    // An overlay takes such a device for a whiteout (kernel, overlayfs.rst, "whiteouts and opaque directories").
    if (device?.major === 0 && device.minor === 0) return this.leave(path, 'a device of the number 0,0')
    const entry: RootEntry = {
      path,
      kind,
      size: kind === 'file' ? Number(stats.size) : 0,
      mode: Number(stats.mode & MODE_BITS),
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      mtime: Number(stats.mtimeNs) / 1e9,
    }
    if (stats.mtimeNs % 1_000_000_000n === 0n) entry.mtime = Number(stats.mtimeNs / 1_000_000_000n)
    if (kind === 'link') entry.target = target()
    if (device) entry.device = device
    const xattrs = this.attributes?.get(path)
    if (xattrs) entry.xattrs = xattrs
    if (kind !== 'folder' && stats.nlink > 1n) {
      entry.isLinked = true
      const inode = `${stats.dev}:${stats.ino}`
      const first = firstOf.get(inode)
      if (first === undefined) firstOf.set(inode, path)
      else entry.sameAs = first
    }
    if (kind === 'file') this.marks.set(entry, stats)
    return entry
  }

  private leave(path: string, reason: string, hidesBelow?: boolean): undefined {
    this.leftOut.push({ path, reason, ...(hidesBelow ? { hidesBelow } : {}) })
    return undefined
  }

  private changed(path: string): ContainerImageError {
    return new ContainerImageError(
      'CHANGED_MEANWHILE',
      `${show(path)} in ${this.label} was changed while it was read.`,
      {
        side: 'source',
        expected: 'a folder that nobody writes to',
        found: 'a file that is not as it was when it was listed',
        remedy: 'Stop what writes to the folder, then run the command again.',
        details: { path },
      },
    )
  }

  private inWords<T>(path: string, step: () => T): T {
    return inWordsSync(this.label, path, step)
  }
}

function inWordsSync<T>(root: string, path: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw fromSystem(error, `Reading ${path === '' ? root : `${show(path)} in ${root}`}`, 'source')
  }
}

function isSame(a: Mark, b: Mark): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.ctimeNs === b.ctimeNs &&
    a.mtimeNs === b.mtimeNs
  )
}

/** Undefined for a socket, which no layer can have. */
function kindOf(stats: BigIntStats): RootEntry['kind'] | undefined {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isCharacterDevice()) return 'character-device'
  if (stats.isBlockDevice()) return 'block-device'
  return stats.isFIFO() ? 'fifo' : undefined
}

/** As glibc packs them (sysmacros.h, `gnu_dev_major` and `gnu_dev_minor`). */
function deviceNumbers(rdev: bigint): { major: number; minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)
  return { major: Number(major), minor: Number(minor) }
}

/** A layer would remove something with it (OCI image-spec, layer.md, "Whiteouts"). */
export function whiteoutName(label: string, path: string): ContainerImageError {
  return new ContainerImageError(
    'UNSAFE_NAME',
    `${label} has ${show(path)}, a name that no layer can bring.`,
    {
      side: 'source',
      expected: `names that do not begin with ${WHITEOUT_PREFIX}`,
      found: show(path),
      remedy: 'Rename or remove it; nothing was made.',
      details: { path },
    },
  )
}

function tooMany(label: string): ContainerImageError {
  return new ContainerImageError('LAYER_INVALID', `${label} has too many entries for a layer.`, {
    side: 'source',
    expected: `at most ${MOST_ENTRIES} entries`,
    found: 'more',
    remedy: 'Leave out what is not needed, or make several images of it.',
  })
}
