import {
  chainIds,
  type Descriptor,
  isImageManifest,
  parseConfig,
  parseManifest,
} from '../../../manifests/index.js'
import { manifestsBelow } from '../../copy/manifests-below.js'
import type { CopyPlan } from '../../copy/ports.js'
import type { BaseLayer, StackedLayer } from './base.js'

/** The layers of every image below a root, with their diff ids. */
export function layersBelow(plan: CopyPlan, root: Descriptor): BaseLayer[] {
  return manifestsBelow(plan, root).flatMap((descriptor) =>
    stackOf(plan, descriptor).flatMap(({ descriptor: { digest, size }, diffId }) =>
      diffId === undefined ? [] : [{ digest, diffId, size }],
    ),
  )
}

/** The layers of a manifest, the lowest first, each with the stack below it. */
export function stackOf(plan: CopyPlan, descriptor: Descriptor): StackedLayer[] {
  const bytes = plan.documents.get(descriptor.digest)
  if (!bytes) return []
  const manifest = parseManifest(bytes, descriptor.mediaType)
  const config = isImageManifest(manifest) ? plan.documents.get(manifest.config.digest) : undefined
  const diffIds = config ? parseConfig(config).rootfs.diff_ids : []
  const areTold = diffIds.length === manifest.layers.length
  const chains = areTold ? chainIds(diffIds) : []
  return manifest.layers.map((layer, i) => {
    const [diffId, chain] = areTold ? [diffIds[i], chains[i]] : []
    return {
      descriptor: layer,
      chain,
      diffId,
    }
  })
}
