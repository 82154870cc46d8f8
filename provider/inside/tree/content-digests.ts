import { createHash } from 'node:crypto'
import { shortDigest } from '../../../manifests/index.js'
import type { OnProgress } from '../../io/progress.js'
import type { OpenImage } from '../image/open-image.js'
import { contentOf } from './file-bytes.js'
import type { FilePlace, MergedTree } from './merged-tree.js'
import { passLayer } from './read-layer.js'

/**
 * The SHA-256 of some files of an image, in hex, by their paths: one pass over each layer that has any of
 * them, and none over the others. Only files have one.
 * @throws as `passLayer`
 */
export async function contentDigests(
  image: OpenImage,
  tree: MergedTree,
  paths: Iterable<string>,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: OnProgress } = {},
): Promise<Map<string, string>> {
  const wanted = placesOf(tree, paths)
  const found = new Map<string, string>()
  const task = `Comparing files of ${image.label}`
  const total = [...wanted.keys()].reduce((sum, layer) => sum + (image.layers[layer]?.size ?? 0), 0)
  onProgress?.({ type: 'begin', task, total })
  for (const [position, places] of [...wanted].sort(([a], [b]) => a - b)) {
    const layer = image.layers[position]
    if (!layer) continue
    const id = layer.digest
    onProgress?.({ type: 'blob', id, label: shortDigest(id), size: layer.size })
    const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
    const label = `Layer ${layer.digest} of ${image.label}`
    for await (const step of passLayer(image.source, layer, { os: image.os, label, signal, onBytes })) {
      const here = places.get(step.entry.offset)
      if (!here) continue
      const hash = createHash('sha256')
      for await (const chunk of contentOf(step.bytes(), here.place, label)) hash.update(chunk)
      const hex = hash.digest('hex')
      for (const path of here.paths) found.set(path, hex)
    }
    onProgress?.({ type: 'blob-end', id })
  }
  onProgress?.({ type: 'end', task })
  return found
}

/** By layer, and within it by where the bytes begin: all names of one file have the same place. */
type Wanted = Map<number, Map<number, { place: FilePlace; paths: string[] }>>

function placesOf(tree: MergedTree, paths: Iterable<string>): Wanted {
  const wanted: Wanted = new Map()
  for (const path of paths) {
    const place = tree.place(path)
    if (!place) continue
    const layer = wanted.get(place.layer) ?? new Map()
    const here = layer.get(place.offset) ?? { place, paths: [] }
    here.paths.push(path)
    layer.set(place.offset, here)
    wanted.set(place.layer, layer)
  }
  return wanted
}
