import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  command,
  isDigest,
  LIMITS,
  parseObject,
  shortDigest,
} from '../../../manifests/index.js'
import { folderRoot } from '../../inside/commit/folder-root.js'
import type { Root } from '../../inside/commit/root.js'
import { tarRoot } from '../../inside/commit/tar-root.js'
import { type Marked, readMark } from '../../inside/unpack/unpack-mark.js'
import { documentThere } from '../../io/files/read-document.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Context } from '../../session/context.js'
import { scratchOf } from '../../targets/open-options.js'

export interface OpenedRoot {
  root: Root
  isFolder: boolean
  /** The digest of the image that a bundle says it is from. */
  from?: string
}

/**
 * What a path means: a folder with a root, a bundle that has one in `rootfs` (OCI runtime-spec, bundle.md), or a tar.
 * @throws PATH_NOT_FOUND, PERMISSION_DENIED, and what reading a tar throws
 */
export async function openRoot(context: Context, asked: string): Promise<OpenedRoot> {
  const { signal } = context.options
  const place = path.resolve(asked)
  const found = await inWords(`Reading ${place}`, 'source', () => stat(place))
  if (!found.isDirectory()) return { root: await tarRoot(place, scratchOf(context), signal), isFolder: false }
  if (process.platform === 'win32') throw onWindows(place)
  const half = await readMark(place)
  if (half) throw partly(place, half)
  const inner = path.join(place, 'rootfs')
  const isBundle = (await isA('isFile', path.join(place, 'config.json'))) && (await isA('isDirectory', inner))
  if (!isBundle) return { root: await folderRoot(place, signal), isFolder: true }
  context.note(`${place} is a bundle: the image is made of its rootfs.`)
  const from = await imageOfUmoci(place)
  return { root: await folderRoot(inner, signal), isFolder: true, ...(from === undefined ? {} : { from }) }
}

async function isA(kind: 'isFile' | 'isDirectory', place: string): Promise<boolean> {
  return await stat(place).then(
    (found) => found[kind](),
    () => false,
  )
}

/** umoci records beside a bundle the descriptors that led to the image; the last is that of the manifest. */
async function imageOfUmoci(bundle: string): Promise<string | undefined> {
  const bytes = await documentThere(path.join(bundle, 'umoci.json'), LIMITS.configBytes)
  if (!bytes) return undefined
  try {
    const said = parseObject(bytes, 'umoci.json', LIMITS.configBytes)
    const { descriptor_walk: walk } = (said.from_descriptor_path ?? {}) as { descriptor_walk?: unknown }
    const { digest } = ((Array.isArray(walk) ? walk.at(-1) : undefined) ?? {}) as { digest?: unknown }
    return isDigest(digest) ? digest : undefined
  } catch {
    // Not ours, and no reason to refuse the folder.
    return undefined
  }
}

function partly(place: string, { image }: Marked): ContainerImageError {
  return new ContainerImageError('FORMAT_UNFIT', `${place} has only a part of an image.`, {
    side: 'source',
    expected: 'a root file system',
    found: `what a stopped run has unpacked of ${shortDigest(image)}`,
    remedy: `Run ${command('unpack')} again: it goes on.`,
  })
}

function onWindows(place: string): ContainerImageError {
  return new ContainerImageError('FORMAT_UNFIT', `${place} is a folder of Windows.`, {
    side: 'source',
    expected: 'a file system with owners and modes',
    found: 'one without them',
    remedy: 'Give a tar of the root file system.',
  })
}
