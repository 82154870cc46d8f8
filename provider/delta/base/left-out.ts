import type { Digest } from '../../../manifests/index.js'
import type { CopyPlan, ImageSource } from '../../copy/ports.js'

/** A plan with the source of its blobs, which may be a delta. */
export interface SourcedPlan {
  source: Pick<ImageSource, 'delta'>
  plan: CopyPlan
}

/**
 * What some plans need and none of their sources carries: in a folder, one archive may have what another leaves out.
 */
export function leftOutOf(parts: SourcedPlan[]): Set<Digest> {
  const left = new Set<Digest>()
  const carried = new Set<Digest>()
  for (const { source, plan } of parts) {
    const missing = new Set(source.delta?.missing.map(({ digest }) => digest))
    for (const { digest } of plan.contents) (missing.has(digest) ? left : carried).add(digest)
  }
  for (const digest of carried) left.delete(digest)
  return left
}
