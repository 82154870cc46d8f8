import { ANNOTATIONS } from './annotations.js'
import type { Descriptor } from './descriptor.js'

/** Cosign's scheme, `sha256-<hex>.sig`, and the distribution-spec's fallback tag for referrers, without an ending. */
const ARTIFACT_TAG = /(^|:)sha256-[0-9a-f]{64}(\.\w+)?$/

/**
 * Whether an entry of an index is a signature, an attestation or another artifact over an image, and no image
 * of its own. Cosign's have the type of an image; only their tag tells.
 */
export function isArtifactEntry(entry: Descriptor): boolean {
  const { annotations = {} } = entry
  const names = [annotations[ANNOTATIONS.refName], annotations[ANNOTATIONS.containerdName]]
  return (
    entry.artifactType !== undefined ||
    annotations[ANNOTATIONS.artifactName] !== undefined ||
    names.some((name) => name !== undefined && isArtifactName(name))
  )
}

/** Whether a name is one that only artifacts over an image have. */
export function isArtifactName(name: string): boolean {
  return ARTIFACT_TAG.test(name)
}
