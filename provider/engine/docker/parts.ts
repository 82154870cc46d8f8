import { chainIds, configBytes, type Descriptor, type Digest } from '../../../manifests/index.js'
import type { EngineBound } from '../port/planned.js'
import { layerCompression } from './plain-layer.js'

/** One layer of an image that the engine lacks. */
export interface Step {
  layer: Descriptor
  diffId: Digest
  chainId: Digest
}

/**
 * What is sent to the engine in one request: some layers of an image, on top of those that are there by then.
 * Each part but the last becomes a separate image without a name, which is removed in the end.
 */
export interface Part {
  bound: EngineBound
  steps: Step[]
  /** How many layers of the image are there afterwards. */
  upTo: number
  /** The layer goes in as a root filesystem: the one way in which the daemon keeps no copy while it unpacks. */
  isImport: boolean
}

/** For a layer smaller than this, in bytes, a separate request costs more than waiting for it. */
const SMALL_BYTES = 4 * 1024 * 1024
/** The label of images that are only the beginning of another one; its value is the id of the whole. */
export const PART_LABEL = 'containerimage.part-of'

export interface Cutting {
  /** Of an image in the engine. */
  idOf(bound: EngineBound): Digest
  /** Several requests for one image; Windows gets one. */
  canCut: boolean
  /** The lowest layer may go in as a root filesystem. */
  canImport: boolean
}

/**
 * Cuts what an engine lacks into requests, so that it unpacks one layer while the next one is on its way.
 * @param has of the engine: ids of images, and chain ids of layers
 */
export function partsOf(
  bounds: readonly EngineBound[],
  has: { images: ReadonlySet<Digest>; chains: ReadonlySet<Digest> },
  how: Cutting,
): Part[] {
  const there = new Set(has.chains)
  return bounds
    .filter((bound) => !has.images.has(how.idOf(bound)))
    .flatMap((bound) => {
      const steps = stepsOf(bound, there)
      for (const { chainId } of steps) there.add(chainId)
      return cut(bound, steps, how)
    })
}

function stepsOf({ manifest, diffIds }: EngineBound, there: ReadonlySet<Digest>): Step[] {
  const chains = chainIds(diffIds)
  return manifest.layers.flatMap((layer, i) => {
    const [diffId, chainId] = [diffIds[i], chains[i]]
    if (diffId === undefined || chainId === undefined || there.has(chainId)) return []
    return [{ layer, diffId, chainId }]
  })
}

function cut(bound: EngineBound, steps: Step[], how: Cutting): Part[] {
  const total = bound.diffIds.length
  const below = total - steps.length
  const parts: Part[] = []
  if (how.canCut && !hasLargeTwice(steps)) {
    let waiting: Step[] = []
    for (const [i, step] of steps.entries()) {
      waiting.push(step)
      const upTo = below + i + 1
      if (isSmall(step) || (upTo === total && !(how.canImport && upTo === 1))) continue
      parts.push({ bound, steps: waiting, upTo, isImport: how.canImport && upTo === 1 })
      waiting = []
    }
    steps = waiting
  }
  return [...parts, { bound, steps, upTo: total, isImport: false }]
}

/** A large layer that is in an image twice would be sent twice. */
function hasLargeTwice(steps: Step[]): boolean {
  const large = steps.filter((step) => !isSmall(step)).map((step) => step.layer.digest)
  return new Set(large).size < large.length
}

export function isSmall({ layer }: Step): boolean {
  return layer.size < SMALL_BYTES && layerCompression(layer) !== 'zstd'
}

/** The config with which a part is loaded: the image's own for the last one. */
export function partConfig({ bound, upTo }: Part, own: Uint8Array): Uint8Array {
  const { config, diffIds, manifest } = bound
  if (upTo === diffIds.length) return own
  return configBytes({
    os: config.os,
    architecture: config.architecture,
    config: { Labels: { [PART_LABEL]: manifest.config.digest } },
    rootfs: { type: 'layers', diff_ids: diffIds.slice(0, upTo) },
  })
}
