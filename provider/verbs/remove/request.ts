import type { Digest } from '../../../manifests/index.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export interface RemoveRequest extends CommonOptions, NetworkOptions {
  /** Full references with a tag, a digest, or both. */
  references: string[]
  /**
   * Delete the manifest even if other tags name it, which go with it, or if an index in the repository needs
   * it.
   */
  force?: boolean | undefined
  /** Keep the signatures and other referrers of a deleted manifest. */
  noReferrers?: boolean | undefined
}

export interface RemoveResult {
  /** In the order in which they were named; with `whatIf` what would be removed. */
  removed: RemovedReference[]
}

export interface RemovedReference {
  /** As it was asked for: `registry.example.org/app:1.0`. */
  reference: string
  /** Of the manifest. */
  digest: Digest
  /** The manifest is gone, or only its tag, as something else needs the manifest. */
  how: 'deleted' | 'untagged'
  /** The tags that are gone: `registry.example.org/app:1.0`. */
  tags: string[]
  /** What else still has the digest: other tags of the repository. */
  remaining: string[]
  /** Tags of indexes of the repository that name the manifest. */
  neededBy: string[]
  /** What referred to the manifest, and was deleted with it. */
  artifacts: CarriedArtifact[]
}
