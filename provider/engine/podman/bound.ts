import {
  type Descriptor,
  type Digest,
  isIndexType,
  type Platform,
  parseIndex,
  sameMachine,
} from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import { withOwnType } from '../client/own-type.js'
import { type EngineBound, engineBound } from '../port/planned.js'

/** One image as podman accepts it: itself, or below the index by whose digest it should also be found. */
export interface PodmanImage extends EngineBound {
  top: Descriptor
  /** All documents that podman reads, but the config. */
  documents: Map<Digest, Uint8Array>
  /** The layers that podman does not have. */
  lacking: Descriptor[]
}

/** The parts of a plan that are sent to a podman that has layers with these diff ids. */
export function podmanImagesOf(plan: CopyPlan, platform: Platform, has: ReadonlySet<Digest>): PodmanImage[] {
  return engineBound(plan).map((bound) => {
    const index = indexFor(plan, bound, platform)
    const top = index ?? bound.manifestDescriptor
    const documents = new Map<Digest, Uint8Array>()
    for (const { digest } of [top, bound.manifestDescriptor]) {
      const bytes = plan.documents.get(digest)
      if (bytes) documents.set(digest, bytes)
    }
    const lacking = bound.manifest.layers.filter((_, i) => !has.has(bound.diffIds[i] as Digest))
    return { ...bound, top, documents, lacking }
  })
}

/**
 * An index from which podman, which chooses for its own platform alone, is sure to choose the image that is
 * meant. The image is found by the digest of either then, as if podman had pulled it.
 */
function indexFor(
  plan: CopyPlan,
  { planned, manifestDescriptor }: EngineBound,
  platform: Platform,
): Descriptor | undefined {
  if (!planned.platform || !sameMachine(planned.platform, platform)) return undefined
  const { root, companions = [] } = planned
  const indexes = isIndexType(root.mediaType)
    ? [root]
    : companions.filter((one) => isIndexType(one.mediaType))
  for (const descriptor of indexes) {
    const bytes = plan.documents.get(descriptor.digest)
    const same = bytes ? parseIndex(bytes).manifests.filter((child) => isFor(child, platform)) : []
    if (same.length === 1 && same[0]?.digest === manifestDescriptor.digest)
      return withOwnType(plan, descriptor)
  }
  return undefined
}

/** Without its variant, as podman's choice by variant may go one way or the other. */
function isFor(child: Descriptor, { os, architecture }: Platform): boolean {
  return child.platform?.os === os && child.platform.architecture === architecture
}
