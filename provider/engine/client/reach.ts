import {
  type Descriptor,
  type Digest,
  isIndexType,
  isManifestType,
  parseIndex,
  parseManifest,
} from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'

/** Everything that a root names, and the root itself, each once; what the plan leaves out is left out. */
export function reach(plan: CopyPlan, root: Descriptor): Descriptor[] {
  const planned = new Map(plan.contents.map((descriptor) => [descriptor.digest, descriptor]))
  const found = new Map<Digest, Descriptor>()
  const visit = ({ digest, mediaType }: Descriptor): void => {
    const descriptor = planned.get(digest)
    if (!descriptor || found.has(digest)) return
    found.set(digest, descriptor)
    for (const child of childrenOf(plan, digest, mediaType)) visit(child)
  }
  visit(root)
  return [...found.values()]
}

function childrenOf(plan: CopyPlan, digest: Digest, mediaType: string): Descriptor[] {
  const bytes = plan.documents.get(digest)
  if (!bytes) return []
  if (isIndexType(mediaType)) return parseIndex(bytes, mediaType).manifests
  if (!isManifestType(mediaType)) return []
  const { config, layers } = parseManifest(bytes, mediaType)
  return [config, ...layers]
}
