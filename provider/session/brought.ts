import type { Digest } from '../../manifests/index.js'
import type { CopyResult } from '../copy/copy.js'
import type { CopyPlan } from '../copy/ports.js'
import type { Store } from '../store/store.js'

/**
 * What copies of one run had added to a store before they failed: it is there for the next one, but still
 * counts as new.
 */
export class Brought {
  private readonly digests = new Set<Digest>()

  /** What was there before the run. */
  without(present: ReadonlySet<Digest>): Set<Digest> {
    return new Set([...present].filter((digest) => !this.digests.has(digest)))
  }

  /** Copies, and counts what an earlier attempt had already added for this plan as copied: once. */
  async copying(
    store: Store,
    plan: CopyPlan,
    present: ReadonlySet<Digest>,
    work: () => Promise<CopyResult>,
  ): Promise<CopyResult> {
    try {
      return this.counted(plan, await work())
    } catch (error) {
      for (const descriptor of plan.contents)
        if (!present.has(descriptor.digest) && (await store.checked.known(descriptor)))
          this.digests.add(descriptor.digest)
      throw error
    }
  }

  private counted({ contents }: CopyPlan, { copiedBytes, reusedBytes }: CopyResult): CopyResult {
    const earlier = contents.filter(({ digest }) => this.digests.delete(digest))
    const bytes = earlier.reduce((sum, { size }) => sum + size, 0)
    return { copiedBytes: copiedBytes + bytes, reusedBytes: reusedBytes - bytes }
  }
}
