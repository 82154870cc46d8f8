import { type Descriptor, parseObject } from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'

/**
 * The descriptor of an index with the type that the index itself has: whatever carried it along may not have
 * looked. Undefined if the plan does not have it.
 */
export function withOwnType(plan: CopyPlan, { digest, size, mediaType }: Descriptor): Descriptor | undefined {
  const bytes = plan.documents.get(digest)
  if (!bytes) return undefined
  const own = parseObject(bytes, 'index', bytes.length).mediaType
  return { digest, size, mediaType: typeof own === 'string' ? own : mediaType }
}
