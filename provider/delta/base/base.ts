import type { DeltaBase, Descriptor, Digest } from '../../../manifests/index.js'

/** What is on the other side already, as one file of it says: an inventory, a receipt, an archive, a media. */
export interface Base extends DeltaBase {
  /** Blobs that are there wholly, each with the images that have it: `debian 12.4`. */
  blobs: Map<Digest, Set<string>>
  /**
   * Of engines that keep layers unpacked: the ids of the stacks that are there (`chainIds`), each with its
   * images. They find a layer by those below it.
   */
  chains: Map<Digest, Set<string>>
  /** Its images with their layers, where it tells of them: what a layer can be a delta against. */
  images: BaseImage[]
}

export interface BaseImage {
  name: string
  version: string
  /** `linux/amd64`. */
  platform?: string
  /** Of its manifest or index, if the base says that. */
  digest?: Digest
  /** The lowest first. */
  layers: BaseLayer[]
}

export interface BaseLayer {
  digest: Digest
  diffId: Digest
  /** In bytes. */
  size: number
}

/** A layer with the id of the stack of itself and all layers below it; none where the config tells no diff ids. */
export interface StackedLayer {
  descriptor: Descriptor
  chain?: Digest
  diffId?: Digest
}

/** The images of a base that have a layer; undefined where it lacks it. */
export function imagesWith(base: Base, { descriptor, chain }: StackedLayer): Set<string> | undefined {
  const ofStack = chain === undefined ? undefined : base.chains.get(chain)
  return base.blobs.get(descriptor.digest) ?? ofStack
}
