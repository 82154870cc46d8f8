import {
  ContainerImageError,
  checkAnnotations,
  type Descriptor,
  Findings,
  isDigest,
  isMediaType,
  show,
} from '../../manifests/index.js'

/** An image has a few; a list longer than this is malicious. */
const MOST_LISTED = 1000

/** What a list names that may be referrers, as far as it can be understood. */
export interface ReferrersList {
  listed: Descriptor[]
  /** How many of its entries name nothing that could be requested. */
  unclear: number
}

/**
 * Reads a page of a list of referrers (distribution-spec, "Listing Referrers"). Registries add fields of their own and
 * leave some empty; an entry needs no more than a digest, as its manifest says the rest.
 * @throws INVALID_DOCUMENT for a document that is not a list at all
 */
export function referrersListOf(document: Record<string, unknown>, subject: string): ReferrersList {
  // Go writes an empty list as null.
  const manifests = document.manifests === null ? [] : document.manifests
  if (!Array.isArray(manifests))
    throw new ContainerImageError('INVALID_DOCUMENT', `What came as the list of ${subject} is none.`, {
      side: 'source',
      expected: 'an index with manifests',
      found: show(document.manifests ?? document),
    })
  const listed: Descriptor[] = []
  for (const entry of manifests.slice(0, MOST_LISTED)) {
    const descriptor = descriptorOf(entry)
    if (descriptor) listed.push(descriptor)
  }
  return { listed, unclear: manifests.length - listed.length }
}

function descriptorOf(entry: unknown): Descriptor | undefined {
  if (entry === null || typeof entry !== 'object') return undefined
  const { mediaType, digest, size, artifactType, annotations } = entry as Record<string, unknown>
  if (!isDigest(digest)) return undefined
  return {
    mediaType: isMediaType(mediaType) ? mediaType : '',
    digest,
    size: typeof size === 'number' ? size : 0,
    ...(isMediaType(artifactType) ? { artifactType } : {}),
    ...(areAnnotations(annotations) ? { annotations } : {}),
  }
}

function areAnnotations(value: unknown): value is Record<string, string> {
  if (value === undefined) return false
  const findings = new Findings('annotations')
  checkAnnotations(value, 'annotations', findings)
  return findings.problems.length === 0
}
