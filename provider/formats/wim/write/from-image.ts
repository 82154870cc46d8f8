import { ContainerImageError, option, printable } from '../../../../manifests/index.js'
import { closeAll } from '../../../io/closing/closing.js'
import { LayerBytes, type LayerSource } from './layer-bytes.js'
import { linuxInodes, windowsInodes } from './layer-inodes.js'
import { applyLayer } from './layer-walk.js'
import { LostRecords } from './lost-records.js'
import { sourceEntry } from './merged-entry.js'
import { MergedTree, type Node } from './merged-tree.js'
import { namesNoneOnWindows } from './names-on-windows.js'
import type { WimSourceImage, WimSourceInfo } from './source.js'

export interface FromImageOptions {
  os: 'windows' | 'linux'
  /** The name of the image in the WIM. */
  name: string
  description?: string
  info?: WimSourceInfo
  /** Leave out what a WIM cannot hold, and list it, instead of refusing the image. */
  skipUnsupported?: boolean
  signal?: AbortSignal
}

export interface FlattenedImage {
  /** One; for Windows two if there is a utility VM. */
  images: WimSourceImage[]
  /** What was left out, with the reason, and which details of the rest were not kept. */
  skipped: string[]
  /** To be called when the images have been written. */
  close(): Promise<void>
}

/**
 * Applies the layers of an image on top of each other, the lowest first, with the rules of the OCI image-spec
 * (layer.md, "Changesets"). Only headers are read; contents are read when they are written.
 * @throws UNSAFE_NAME for paths that lead out of the tree or through a file; ARCHIVE_INVALID, also for hard links
 * to nothing; ARCHIVE_UNKNOWN for what a WIM cannot hold, and for a Windows image without Files
 */
export async function imageFromLayers(
  layers: readonly LayerSource[],
  options: FromImageOptions,
): Promise<FlattenedImage> {
  const skipped: string[] = []
  const unsupported = (path: string, what: string): void => {
    if (!options.skipUnsupported) throw cannotHold(options.name, path, what)
    skipped.push(`${printable(path)} is left out: it is ${what}.`)
  }
  const maker = options.os === 'windows' ? windowsInodes : linuxInodes
  const tree = new MergedTree(options.os, maker(options.name).missingFolder(0))
  const opened: LayerBytes[] = []
  const lost = new LostRecords(options.os)
  const leftOut = new Set<string>()
  let order = 0
  for (const layer of layers) {
    const bytes = new LayerBytes(layer, order)
    opened.push(bytes)
    const { os, signal } = options
    const { label } = layer
    await applyLayer(bytes, tree, { os, label, maker: maker(label), lost, leftOut, signal, unsupported })
    order += bytes.size
  }
  const roots = options.os === 'windows' ? windowsRoots(tree, options.name, unsupported) : [tree.root]
  const images = roots.map((root, i) => {
    const name = i === 0 ? options.name : `${options.name} UtilityVM`
    const { description, info } = options
    return {
      name,
      root: sourceEntry(root, (path) =>
        skipped.push(`${printable(path)} is another name of a link; it becomes a link of its own.`),
      ),
      release: () => root.children?.clear(),
      description,
      info,
    }
  })
  skipped.push(...lost.lines().map(printable), ...namesNoneOnWindows(images))
  return { images, skipped, close: () => closeAll(opened) }
}

/** A Windows layer has its files in Files, and those of its utility VM in UtilityVM/Files. */
function windowsRoots(
  tree: MergedTree,
  name: string,
  unsupported: (path: string, what: string) => void,
): Node[] {
  const files = tree.find(['Files'])
  if (files?.inode.kind !== 'folder') throw cannotHold(name, 'Files', 'no folder of this image')
  const vm = tree.find(['UtilityVM', 'Files'])
  for (const child of tree.root.children?.values() ?? [])
    if (!['FILES', 'UTILITYVM'].includes(child.name.toUpperCase()))
      // Such as Hives, which holds what a layer changed of the registry.
      unsupported(child.name, 'no part of a base image, and cannot be laid over one')
  return vm?.inode.kind === 'folder' ? [files, vm] : [files]
}

function cannotHold(name: string, path: string, what: string): ContainerImageError {
  return new ContainerImageError(
    'ARCHIVE_UNKNOWN',
    `${printable(name)}: ${printable(path)} is ${what}; it cannot be kept in a WIM.`,
    {
      side: 'source',
      remedy: `Use ${option('skipUnsupported')} to leave such files out and have them listed.`,
      details: { path },
    },
  )
}
