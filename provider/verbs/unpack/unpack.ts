import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ContainerImageError, canonicalBytes, option } from '../../../manifests/index.js'
import type { OpenImage } from '../../inside/image/open-image.js'
import { inImage, treeOf } from '../../inside/look.js'
import { fileBytes } from '../../inside/tree/file-bytes.js'
import type { MergedTree } from '../../inside/tree/merged-tree.js'
import { processUser } from '../../inside/unpack/process-user.js'
import { runtimeConfig } from '../../inside/unpack/runtime-config.js'
import { type Unpacked, unpackTree } from '../../inside/unpack/unpack-tree.js'
import { replaceFile } from '../../io/files/durable.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import type { UnpackRequest, UnpackResult } from './request.js'

/** A file of accounts that is larger than this is not one. */
const MOST_ACCOUNTS = 1024 * 1024

/**
 * Makes the root file system of an image in a folder, or a bundle that runtimes such as crun and runc run.
 * @throws FILE_EXISTS for a folder that is not empty, NO_SPACE, and what reading the image throws
 */
export async function unpack(request: UnpackRequest): Promise<UnpackResult> {
  const { folder, bundle = false, force = false, whatIf } = request
  const place = path.resolve(folder)
  const isNew = await isFree(place, force)
  return await inImage(request, async (image, context) => {
    const tree = await treeOf(image, context)
    const planned = sizesOf(tree)
    const config = bundle ? await configOf(image, tree, context.options.signal) : undefined
    await checkSpace(place, planned.bytes)
    const made = whatIf ? undefined : await make(image, tree, place, { ...request, config, isNew })
    return {
      image: image.label,
      digest: image.root.digest,
      path: folder,
      bundle,
      ...planned,
      notKept: made?.losses.list ?? [],
      ownersNotKept: made?.losses.foreignOwners ?? 0,
    }
  })
}

/** @returns whether there is nothing there yet, or an empty folder */
async function isFree(folder: string, force: boolean): Promise<boolean> {
  const names = await inWords(`Reading ${folder}`, 'destination', () =>
    readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    }),
  )
  if (names.length === 0) return true
  if (force) return false
  throw new ContainerImageError('FILE_EXISTS', `${folder} is not empty.`, {
    side: 'destination',
    expected: 'a new folder, or an empty one',
    found: `${names.length} files and folders`,
    remedy: `Name another folder, or give ${option('force')} to replace files in it.`,
  })
}

function sizesOf(tree: MergedTree): { entries: number; bytes: number } {
  let entries = 0
  let bytes = 0
  for (const { size, sameAs } of tree.entries()) {
    entries++
    if (sameAs === undefined) bytes += size
  }
  return { entries, bytes }
}

async function make(
  image: OpenImage,
  tree: MergedTree,
  place: string,
  request: UnpackRequest & { config: Uint8Array | undefined; isNew: boolean },
): Promise<Unpacked> {
  const { config, isNew, force = false, signal, onProgress } = request
  const root = config ? path.join(place, 'rootfs') : place
  try {
    return await inWords(`Unpacking into ${place}`, 'destination', async () => {
      await mkdir(root, { recursive: true, mode: 0o700 })
      const made = await unpackTree(image, tree, root, { keepsOwners: isRoot(), force, signal, onProgress })
      if (config) await replaceFile(path.join(place, 'config.json'), config)
      return made
    })
  } catch (error) {
    // Half of an image is none; what was there before stays.
    if (isNew) await removePath(place, { recursive: true }).catch(() => {})
    throw error
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

async function configOf(image: OpenImage, tree: MergedTree, signal?: AbortSignal): Promise<Uint8Array> {
  const accounts = await textOf(image, tree, 'etc/passwd', signal)
  const groups = await textOf(image, tree, 'etc/group', signal)
  const user = processUser(image.config.config?.User ?? '', accounts, groups)
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  const rootless = isRoot() || uid === undefined || gid === undefined ? undefined : { uid, gid }
  return canonicalBytes(runtimeConfig(image.config, user, rootless))
}

async function textOf(
  image: OpenImage,
  tree: MergedTree,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const entry = tree.follow(name)
  if (entry?.kind !== 'file' || entry.size > MOST_ACCOUNTS) return ''
  return (await buffer(fileBytes(image, tree, entry, signal))).toString('utf8')
}
