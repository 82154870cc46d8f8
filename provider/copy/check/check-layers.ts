import { type Digest, hasCode, shortDigest } from '../../../manifests/index.js'
import { checkLayerBytes, checkLayerFile } from '../../archives/layers/check-layer.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { inParallel } from '../in-parallel.js'
import type { ImageCollection } from '../ports.js'
import type { HashOptions } from './hash-blobs.js'
import { problemOf } from './problems.js'
import type { VerifyProblem } from './verify-result.js'
import { walkDocuments } from './walk.js'

/**
 * Checks the layers of a collection whose bytes are known to be right.
 * @param carried what it holds; layers may be left out of it
 */
export async function checkLayers(
  collection: ImageCollection,
  carried: ReadonlySet<Digest>,
  { signal, onProgress, concurrency }: HashOptions,
): Promise<VerifyProblem[]> {
  const roots = (await collection.images()).map((image) => image.root)
  const { needed, layers } = await walkDocuments(collection, roots, signal)
  const wanted = [...needed.values()].filter((one) => layers.of(one) && carried.has(one.digest))
  const problems: VerifyProblem[] = []
  const task = `Looking into the layers of ${collection.label}`
  onProgress?.({ type: 'begin', task, total: wanted.reduce((sum, { size }) => sum + size, 0) })
  await inParallel(wanted, concurrency, signal, async (descriptor, stop) => {
    const { digest: id, size } = descriptor
    onProgress?.({ type: 'blob', id, label: shortDigest(id), size })
    try {
      const layer = layers.of(descriptor) ?? { os: 'linux' as const }
      const options = { ...layer, digest: id, label: `Layer ${id}`, signal: stop }
      const range = await collection.locate?.(descriptor)
      if (range) await checkLayerFile(range, options)
      else await checkLayerBytes(collection.read(descriptor, { signal: stop }), options)
    } catch (error) {
      if (hasCode(error, 'INTERRUPTED')) throw error
      problems.push(problemOf(fromSystem(error, `Reading ${collection.label}`, 'source'), { descriptor }))
    }
    onProgress?.({ type: 'bytes', id, count: size, kind: 'verified' })
    onProgress?.({ type: 'blob-end', id })
  })
  onProgress?.({ type: 'end', task })
  return problems
}
