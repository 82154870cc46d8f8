import { ANNOTATIONS } from './annotations.js'
import type { Descriptor } from './descriptor.js'
import type { Digest } from './digest.js'

/** Cosign's scheme, `sha256-<hex>.sig`, and the distribution-spec's fallback tag for referrers, without an ending. */
const ARTIFACT_TAG = /(^|:)sha256-([0-9a-f]{64})(\.\w+)?$/

/**
 * Whether an entry of an index has the kind of name that only artifacts about an image have. Its manifest
 * says what it is (`artifact-kind.ts`).
 */
export function isArtifactEntry(entry: Descriptor): boolean {
  const { annotations = {} } = entry
  const names = [annotations[ANNOTATIONS.refName], annotations[ANNOTATIONS.containerdName]]
  return (
    annotations[ANNOTATIONS.artifactName] !== undefined ||
    names.some((name) => name !== undefined && isArtifactName(name))
  )
}

/** Whether a name is of the kind that only artifacts about an image have. */
function isArtifactName(name: string): boolean {
  return ARTIFACT_TAG.test(name)
}

/** The digest that such a name refers to: for `demo:sha256-<hex>.sig` that of demo's image. */
export function subjectOfName(name: string): Digest | undefined {
  const hex = ARTIFACT_TAG.exec(name)?.[2]
  return hex === undefined ? undefined : `sha256:${hex}`
}
