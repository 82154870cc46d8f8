import type { DeltaBase, Descriptor, Digest } from '../../../manifests/index.js'

/** What the other side already has, according to one of its files: an inventory, a receipt, an archive, a media. */
export interface Base extends DeltaBase {
  /** Blobs that are there completely, each with the images that have it: `debian 12.4`. */
  blobs: Map<Digest, Set<string>>
  /**
   * For engines that keep layers unpacked: the ids of the stacks that are there (`chainIds`), each with its images.
   * They find a layer by the layers below it.
   */
  chains: Map<Digest, Set<string>>
  /** Its images with their layers, if it lists them: a layer can be a delta against these. */
  images: BaseImage[]
}

export interface BaseImage {
  name: string
  version: string
  /** `linux/amd64`. */
  platform?: string
  /** The digest of its manifest or index, if the base says that. */
  digest?: Digest
  /** The lowest comes first. */
  layers: BaseLayer[]
}

export interface BaseLayer {
  digest: Digest
  diffId: Digest
  /** In bytes. */
  size: number
}

/**
 * A layer with the id of the stack of itself and all layers below it; without an id if the config gives no diff ids.
 */
export interface StackedLayer {
  descriptor: Descriptor
  chain?: Digest
  diffId?: Digest
}

/** The images of a base that have a layer; undefined if the base lacks it. */
export function imagesWith(base: Base, { descriptor, chain }: StackedLayer): Set<string> | undefined {
  const ofStack = chain === undefined ? undefined : base.chains.get(chain)
  return base.blobs.get(descriptor.digest) ?? ofStack
}
