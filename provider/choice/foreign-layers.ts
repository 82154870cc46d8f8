import { type Descriptor, isForeignLayerType } from '../../manifests/index.js'
import type { PlanOptions } from '../copy/plan.js'

/**
 * Which layers a request takes: all of them, or only those that may be distributed (image-spec, layer.md,
 * "Non-Distributable Layers").
 */
export function layersTaken({ noForeign }: { noForeign?: boolean }): Pick<PlanOptions, 'takes'> {
  return noForeign ? { takes: (layer: Descriptor) => !isForeignLayerType(layer.mediaType) } : {}
}
