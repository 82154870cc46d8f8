import type { DeltaBase, Descriptor, Digest } from '../../manifests/index.js'

/** What is on the other side already, as one file of it says: an inventory, a receipt, an archive, a media. */
export interface Base extends DeltaBase {
  /** Blobs that are there wholly, each with the images that have it: `debian 12.4`. */
  blobs: Map<Digest, Set<string>>
  /**
   * Of engines that keep layers unpacked: the chains of diff ids that are there, as text, each with its
   * images. They find a layer by those below it (image-spec, config.md: "Layer ChainID").
   */
  chains: Map<string, Set<string>>
  /** Its images with their layers, where it tells of them: what a layer can be a delta against. */
  images: BaseImage[]
}

export interface BaseImage {
  name: string
  version: string
  /** The lowest first. */
  layers: BaseLayer[]
}

export interface BaseLayer {
  digest: Digest
  diffId: Digest
  /** In bytes. */
  size: number
}

/** A layer with the diff ids of itself and of all layers below it. */
export interface StackedLayer {
  descriptor: Descriptor
  chain: string
  diffId?: Digest
}

/** The text by which a chain is looked up: diff ids from the lowest layer up. */
export function chainOf(diffIds: Digest[]): string {
  return diffIds.join(' ')
}

/** The images of a base that have a layer; none where it lacks it. */
export function imagesWith(base: Base, { descriptor, chain }: StackedLayer): Set<string> {
  return base.blobs.get(descriptor.digest) ?? base.chains.get(chain) ?? new Set()
}
