import { ContainerImageError, impossible, show } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import type { OpenImage } from '../image/open-image.js'
import type { TreeEntry } from './entry.js'
import type { FilePlace, MergedTree } from './merged-tree.js'
import { passLayer } from './read-layer.js'
import { withHoles } from './sparse-file.js'

/**
 * The bytes of one file of an image. They are known to be right only once all of them have come without an
 * error: the layer is read to its end for that.
 * @throws as `passLayer`
 */
export async function* fileBytes(
  image: OpenImage,
  tree: MergedTree,
  { path }: TreeEntry,
  signal?: AbortSignal,
): Bytes {
  const place = tree.place(path)
  const layer = place && image.layers[place.layer]
  if (!place || !layer) impossible(`${show(path)} is not a file of the tree.`)
  const label = `Layer ${layer.digest} of ${image.label}`
  let isFound = false
  for await (const step of passLayer(image.source, layer, { os: image.os, label, signal })) {
    if (step.entry.offset !== place.offset) continue
    isFound = true
    yield* contentOf(step.bytes(), place, label)
  }
  if (!isFound) throw otherLayer(label, path)
}

/** The bytes of a file, with zeros in place of its holes. */
export function contentOf(stored: Bytes, { sparse }: Pick<FilePlace, 'sparse'>, label: string): Bytes {
  return sparse === undefined ? stored : withHoles(stored, sparse, label)
}

function otherLayer(label: string, path: string): ContainerImageError {
  return new ContainerImageError('LAYER_INVALID', `${label} has changed since it was read before.`, {
    side: 'source',
    expected: `the bytes of ${show(path)}`,
    found: 'none',
  })
}
