import { setImmediate } from 'node:timers/promises'
import { shortDigest, throwIfAborted } from '../../../manifests/index.js'
import type { OnProgress } from '../../io/progress.js'
import type { OpenImage } from '../image/open-image.js'
import type { TreeEntry } from '../tree/entry.js'
import { contentOf } from '../tree/file-bytes.js'
import type { MergedTree } from '../tree/merged-tree.js'
import { passLayer } from '../tree/read-layer.js'
import { Losses } from './losses.js'
import { RootFolder, type RootFolderOptions } from './root-folder.js'
import { SpecialFiles } from './special-files.js'

export interface UnpackOptions extends RootFolderOptions {
  signal?: AbortSignal | undefined
  onProgress?: OnProgress | undefined
  /** Called when everything is there; it may still remove something from the root itself. */
  whenWhole?: () => Promise<void> | undefined
}

export interface Unpacked {
  /** In bytes, of all files. */
  bytes: number
  entries: number
  losses: Losses
}

/** Others get their turn after this many entries. */
const TURN = 4096

/**
 * Unpacks the tree of an image into a folder: folders first, files in one pass over each layer, then anything
 * that could lead elsewhere, and finally the modes and times of folders. Nothing is written that the image
 * does not have in the end.
 * @throws as `passLayer`, FILE_EXISTS, and what the system refuses
 */
export async function unpackTree(
  image: OpenImage,
  tree: MergedTree,
  root: string,
  options: UnpackOptions,
): Promise<Unpacked> {
  const losses = new Losses()
  const folder = new RootFolder(root, losses, options)
  const special = new SpecialFiles(folder, losses)
  const entries = await makeFolders(tree, folder, options.signal)
  const bytes = await writeFiles(image, tree, folder, options)
  await makeTheRest(tree, folder, special, options.signal)
  await special.setAttributes()
  await finishFolders(tree, folder, options.signal)
  const top = tree.get('')
  if (top) folder.openRoot(top)
  await options.whenWhole?.()
  if (top) folder.finishFolder(top)
  return { bytes, entries, losses }
}

/** Only the folders and files of an image, for this user to read: nothing that could lead elsewhere. @throws as `unpackTree` */
export async function unpackContents(
  image: OpenImage,
  tree: MergedTree,
  root: string,
  { signal }: Pick<UnpackOptions, 'signal'>,
): Promise<{ losses: Losses }> {
  const losses = new Losses()
  const options = { keepsOwners: false, force: false, isPlain: true, signal }
  const folder = new RootFolder(root, losses, options)
  await makeFolders(tree, folder, signal)
  await writeFiles(image, tree, folder, options)
  return { losses }
}

/** @returns how many entries the tree has */
async function makeFolders(tree: MergedTree, folder: RootFolder, signal?: AbortSignal): Promise<number> {
  let count = 0
  for await (const entry of inTurns(tree.entries(), signal)) {
    count++
    if (entry.kind === 'folder') folder.makeFolder(entry)
  }
  return count
}

async function writeFiles(
  image: OpenImage,
  tree: MergedTree,
  folder: RootFolder,
  { signal, onProgress }: UnpackOptions,
): Promise<number> {
  const task = `Unpacking ${image.label}`
  onProgress?.({ type: 'begin', task, total: image.layers.reduce((sum, { size }) => sum + size, 0) })
  let bytes = 0
  for (const [i, layer] of image.layers.entries()) {
    const id = layer.digest
    onProgress?.({ type: 'blob', id, label: shortDigest(id), size: layer.size })
    const label = `Layer ${id} of ${image.label}`
    const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id, count, kind: 'copied' })
    // A chunk is on the disk before the next is asked for.
    const pass = { os: image.os, label, signal, onBytes, freesChunks: true }
    for await (const { record, bytes: stored } of passLayer(image.source, layer, pass)) {
      if (record.does !== 'bring' || record.kind !== 'file') continue
      const home = tree.home(record, i)
      const entry = home === undefined ? undefined : tree.get(home)
      if (entry)
        bytes += await folder.writeFile(entry, contentOf(stored(), { sparse: record.extra?.sparse }, label))
    }
    onProgress?.({ type: 'blob-end', id })
  }
  onProgress?.({ type: 'end', task })
  return bytes
}

async function makeTheRest(
  tree: MergedTree,
  folder: RootFolder,
  special: SpecialFiles,
  signal?: AbortSignal,
): Promise<void> {
  for await (const entry of inTurns(tree.entries(), signal)) {
    if (entry.sameAs !== undefined) folder.makeName(entry, entry.sameAs)
    else if (entry.kind === 'link') folder.makeLink(entry)
    else if (entry.kind !== 'file' && entry.kind !== 'folder') await special.make(entry)
    if (entry.sameAs === undefined) special.note(entry)
  }
}

/** From the leaves up, except for the root: a read-only folder comes after its content. */
async function finishFolders(tree: MergedTree, folder: RootFolder, signal?: AbortSignal): Promise<void> {
  const folders: string[] = []
  for await (const { kind, path } of inTurns(tree.entries(), signal))
    if (kind === 'folder') folders.push(path)
  for (const path of folders.reverse()) {
    const entry = tree.get(path)
    if (entry) folder.finishFolder(entry)
  }
}

async function* inTurns(entries: Iterable<TreeEntry>, signal?: AbortSignal): AsyncGenerator<TreeEntry> {
  let seen = 0
  for (const entry of entries) {
    yield entry
    if (++seen % TURN !== 0) continue
    throwIfAborted(signal)
    await setImmediate()
  }
}
