export * from './annotations.js'
export * from './artifact-entry.js'
export * from './artifact-kind.js'
export * from './canonical-json.js'
export * from './chain-ids.js'
export * from './delta-list.js'
export * from './descriptor.js'
export * from './digest.js'
export * from './docker-archive.js'
export { parseJson, parseObject } from './document.js'
export * from './errors.js'
export * from './familiar-name.js'
export { anyCase } from './go-json.js'
export * from './history-steps.js'
export * from './image-config.js'
export * from './image-index.js'

export * from './inventory.js'

export {
  DELTA_FORMS,
  type DeltaForm,
  type LayerDelta,
  parseLayerDelta,
  printLayerDelta,
} from './layer-delta.js'

export * from './layout.js'
export * from './limits.js'
export * from './manifest.js'
export * from './media-list.js'
export * from './media-types.js'
export * from './messages.js'
export * from './platform.js'
export * from './present.js'
export * from './problems.js'
export * from './program.js'
export * from './receipt.js'
export * from './reference.js'
export * from './volume-list.js'
export * from './wording.js'
