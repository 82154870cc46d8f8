import path from 'node:path'
import { hasWildcard, matcher } from '../../../catalog/wildcard.js'
import { ContainerImageError, command, show } from '../../../manifests/index.js'
import { refuseExistingFile } from '../../formats/in-place/file-exists.js'
import type { OpenImage } from '../../inside/image/open-image.js'
import { inImage, treeOf } from '../../inside/look.js'
import type { TreeEntry } from '../../inside/tree/entry.js'
import { fileBytes } from '../../inside/tree/file-bytes.js'
import type { MergedTree } from '../../inside/tree/merged-tree.js'
import { replaceFile } from '../../io/files/durable.js'
import { noSuchPath } from '../../io/files/no-such-path.js'
import { inWords } from '../../io/files/system-errors.js'
import type { FilesRequest, FilesResult, InsideFile, TakeFileRequest, TakenFile } from './request.js'

/**
 * Lists the files of an image with all of its layers applied.
 * @throws NOT_INSTALLED, PATH_NOT_FOUND if the image has nothing of that name, and what reading the image
 * throws
 */
export async function files(request: FilesRequest): Promise<FilesResult> {
  return await inImage(request, async (image, context) => {
    const tree = await treeOf(image, context)
    const found = await taken(chosen(tree, request.pattern, image), request.onFiles)
    return {
      image: image.label,
      digest: image.root.digest,
      layers: image.layers.map(({ digest, size }) => ({ digest, size })),
      files: found,
      ...(request.removed
        ? { removed: tree.removed.map(({ path, layer }) => ({ path: `/${path}`, layer: layer + 1 })) }
        : {}),
    }
  })
}

/**
 * Extracts one file from an image. It gets its name only once the whole layer has been verified.
 * @throws FILE_EXISTS, PATH_NOT_FOUND, FORMAT_UNFIT for anything but a file, and what reading the image
 * throws
 */
export async function takeFile(request: TakeFileRequest): Promise<TakenFile> {
  const { output, signal, stdout, whatIf, force = false } = request
  if (output !== '-') await refuseExistingFile(output, force)
  return await inImage(request, async (image, context) => {
    const tree = await treeOf(image, context)
    const entry = fileAt(tree, request.path, image)
    const bytes = fileBytes(image, tree, entry, signal)
    if (!whatIf && output === '-') await stdout?.(bytes)
    else if (!whatIf)
      await inWords(`Writing ${output}`, 'destination', () => replaceFile(path.resolve(output), bytes))
    return {
      image: image.label,
      digest: image.root.digest,
      path: `/${entry.path}`,
      output,
      size: entry.size,
    }
  })
}

/** How many files are handed over at a time. */
const AT_ONCE = 1024

/** @returns the files that nobody has taken */
async function taken(entries: Iterable<TreeEntry>, onFiles: FilesRequest['onFiles']): Promise<InsideFile[]> {
  let found: InsideFile[] = []
  for (const entry of entries) {
    found.push(insideFile(entry))
    if (!onFiles || found.length < AT_ONCE) continue
    await onFiles(found)
    found = []
  }
  if (!onFiles) return found
  await onFiles(found)
  return []
}

function chosen(tree: MergedTree, pattern: string | undefined, image: OpenImage): Iterable<TreeEntry> {
  if (pattern === undefined) return tree.entries()
  const name = withoutSlashes(pattern)
  const exact = tree.get(name)
  if (exact) return exact.kind === 'folder' ? tree.entries(exact.path) : [exact]
  const followed = tree.follow(name)
  if (followed) return followed.kind === 'folder' ? tree.entries(followed.path) : [followed]
  return hasWildcard(pattern) || !pattern.includes('/')
    ? matching(tree, pattern, image)
    : none(pattern, image)
}

function none(pattern: string, image: OpenImage): never {
  throw notInside(pattern, image)
}

/** A pattern without a slash is matched against names in any folder; any other against whole paths. */
function* matching(tree: MergedTree, pattern: string, image: OpenImage): Generator<TreeEntry> {
  const fits = matcher(withoutSlashes(pattern))
  const isOfNames = !pattern.includes('/')
  let isFound = false
  for (const entry of tree.entries()) {
    if (!fits(isOfNames ? path.posix.basename(entry.path) : entry.path)) continue
    isFound = true
    yield entry
  }
  if (!isFound) throw notInside(pattern, image)
}

function fileAt(tree: MergedTree, name: string, image: OpenImage): TreeEntry {
  const entry = tree.follow(withoutSlashes(name))
  if (!entry) throw notInside(name, image)
  if (entry.kind === 'file') return entry
  throw new ContainerImageError('FORMAT_UNFIT', `${show(name)} of ${image.label} is not a file.`, {
    side: 'source',
    expected: 'a file',
    found: `a ${entry.kind}`,
    remedy: 'Name a file in it.',
  })
}

function notInside(name: string, image: OpenImage): ContainerImageError {
  return noSuchPath(`${show(name)} in ${image.label}`, {
    side: 'source',
    expected: 'a file or folder of the image',
    remedy: `Check the path: ${command('files')} lists what there is.`,
  })
}

function withoutSlashes(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

export function insideFile(entry: TreeEntry): InsideFile {
  const { kind, size, uid, gid, target, sameAs, device } = entry
  return {
    path: `/${entry.path}`,
    kind,
    size,
    mode: entry.mode.toString(8).padStart(4, '0'),
    uid,
    gid,
    modified: isoTime(entry.mtime),
    layer: entry.layer + 1,
    ...(target === undefined ? {} : { target }),
    ...(sameAs === undefined ? {} : { sameAs: `/${sameAs}` }),
    ...(device ? { device } : {}),
  }
}

/** In milliseconds: a layer may name a time that no calendar has. */
const LAST_TIME = 8.64e15

function isoTime(seconds: number): string {
  const time = Math.round(seconds * 1000)
  return Math.abs(time) <= LAST_TIME ? new Date(time).toISOString() : ''
}
