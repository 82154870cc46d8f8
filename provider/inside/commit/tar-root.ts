import { stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { ContainerImageError, throwIfAborted } from '../../../manifests/index.js'
import { layerEntries } from '../../archives/layers/layer-entries.js'
import { compressionOf, decompressed, readHead } from '../../archives/members/compression.js'
import { fileCursor } from '../../archives/members/cursor.js'
import type { Bytes } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
import { makeScratch, type ScratchPlace } from '../../io/files/scratch.js'
import { writeNewFile } from '../../io/files/write-new-file.js'
import { contentOf } from '../tree/file-bytes.js'
import { recordOf } from '../tree/layer-record.js'
import { MergedTree } from '../tree/merged-tree.js'
import { belongsToImage } from './attributes.js'
import { whiteoutName } from './folder-root.js'
import type { Root, RootEntry } from './root.js'

/** Enough to tell how a file is compressed. */
const HEAD_BYTES = 8
/** Others get their turn after this many entries. */
const TURN = 4096

/**
 * The tar of a root file system, plain or compressed, as the root of an image: of several members with the
 * same name the last counts. A compressed one is expanded into a private file first, as its files are read
 * one by one.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, NO_SPACE, PATH_NOT_FOUND
 */
export async function tarRoot(file: string, scratch: ScratchPlace, signal?: AbortSignal): Promise<Root> {
  const { size } = await stat(file)
  const kind = compressionOf(await readHead(file, HEAD_BYTES))
  if (kind === 'none') return new TarRoot(file, file, await treeOfTar(file, file, signal), async () => {})
  const folder = await makeScratch(scratch)
  try {
    const plain = `${folder.path}/root.tar`
    await writeNewFile(
      plain,
      decompressed(readRange({ path: file, offset: 0, size }, { signal }), kind, file),
    )
    return new TarRoot(file, plain, await treeOfTar(plain, file, signal), folder.remove)
  } catch (error) {
    await folder.remove()
    throw error
  }
}

class TarRoot implements Root {
  readonly hasAttributes = true
  readonly leftOut = []
  private readonly tree: MergedTree
  private readonly sparse: ReadonlyMap<number, number>

  constructor(
    readonly label: string,
    private readonly tar: string,
    { tree, sparse }: TreeOfTar,
    readonly close: () => Promise<void>,
  ) {
    this.tree = tree
    this.sparse = sparse
  }

  *entries(): Generator<RootEntry> {
    const linked = new Set<string>()
    for (const { path, sameAs } of this.tree.entries()) if (sameAs !== undefined) linked.add(sameAs).add(path)
    for (const { layer: _, xattrs, ...entry } of this.tree.entries()) {
      const own = [...(xattrs ?? [])].filter(([name]) => belongsToImage(name))
      yield {
        ...entry,
        ...(own.length > 0 ? { xattrs: new Map(own) } : {}),
        ...(linked.has(entry.path) ? { isLinked: true } : {}),
      }
    }
  }

  async *bytes({ path, size }: RootEntry, signal?: AbortSignal): Bytes {
    const place = this.tree.place(path)
    if (!place) return
    const range = { path: this.tar, offset: place.offset, size: this.sparse.get(place.offset) ?? size }
    const stored = readRange(range, { signal })[Symbol.asyncIterator]()
    try {
      yield* contentOf({ [Symbol.asyncIterator]: () => stored }, place, this.label)
    } finally {
      // Filling the holes takes no more than the map says.
      await stored.return?.()
    }
  }
}

interface TreeOfTar {
  tree: MergedTree
  /** How many bytes the tar has of a sparse file, by where they begin. */
  sparse: Map<number, number>
}

async function treeOfTar(tar: string, label: string, signal?: AbortSignal): Promise<TreeOfTar> {
  const tree = new MergedTree('linux')
  const sparse = new Map<number, number>()
  const cursor = fileCursor(tar)
  try {
    const walk = layerEntries(cursor, label, 'linux')
    for (let seen = 1; ; seen++) {
      const step = await walk.next()
      if (step.done) {
        if (!step.value) throw cutShort(label, cursor.position)
        return { tree, sparse }
      }
      const record = recordOf(step.value, 'linux', label)
      if (record.does === 'hide') throw whiteoutName(label, step.value.entry.rawName)
      tree.apply(record)
      if (record.does === 'bring' && record.extra?.sparse !== undefined)
        sparse.set(record.offset, step.value.entry.stored)
      if (seen % TURN !== 0) continue
      throwIfAborted(signal)
      await setImmediate()
    }
  } finally {
    await cursor.close()
  }
}

/** A tar without its end may have lost members, and these would count as removed. */
function cutShort(label: string, position: number): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${label} is cut short, at byte ${position}.`, {
    side: 'source',
    expected: 'a block of zeros at the end of the tar',
    found: 'the end of the file',
  })
}
