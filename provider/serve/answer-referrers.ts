import {
  type Descriptor,
  type Digest,
  type ImageIndex,
  isIndexType,
  isManifestType,
  MEDIA_TYPES,
  parseIndex,
  parseManifest,
} from '../../manifests/index.js'
import { answer, type Exchange } from './answer.js'
import type { Documents } from './documents.js'
import type { Repository } from './repositories.js'
import type { View } from './served-collection.js'

/** distribution-spec, "Listing Referrers": never 404 where the repository is there. */
export async function answerReferrers(
  exchange: Exchange,
  view: View,
  documents: Documents,
  repository: Repository,
  digest: Digest,
): Promise<void> {
  const type = exchange.query.get('artifactType')
  const referrers = await referrersOf(view, documents, repository, digest)
  const manifests = type === null ? referrers : referrers.filter((one) => one.artifactType === type)
  const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
  const headers: Record<string, string> = type === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }
  answer(exchange, 200, MEDIA_TYPES.ociIndex, `${JSON.stringify(index)}\n`, headers)
}

/** Of the repository's images and of those without a name: what has the digest as its subject. */
async function referrersOf(
  view: View,
  documents: Documents,
  repository: Repository,
  subject: Digest,
): Promise<Descriptor[]> {
  const found = new Map<Digest, Descriptor>()
  for (const { root } of [...repository.images, ...view.repositories.unnamed]) {
    if (found.has(root.digest)) continue
    // What is damaged is refused when it is asked for, and must not hide the others.
    const referrer = await asReferrer(view, documents, root, subject).catch(() => undefined)
    if (referrer) found.set(root.digest, referrer)
  }
  return [...found.values()]
}

/** The descriptor with the annotations of its manifest, and the type that the specification derives. */
async function asReferrer(
  { collection }: View,
  documents: Documents,
  { mediaType, digest, size }: Descriptor,
  subject: Digest,
): Promise<Descriptor | undefined> {
  const isIndex = isIndexType(mediaType)
  if (!isIndex && !isManifestType(mediaType)) return undefined
  const bytes = await documents.read(collection, { mediaType, digest, size })
  const document = isIndex ? parseIndex(bytes, mediaType) : parseManifest(bytes, mediaType)
  if (document.subject?.digest !== subject) return undefined
  const type = document.artifactType || ('config' in document ? document.config.mediaType : undefined)
  return {
    mediaType,
    digest,
    size,
    artifactType: type,
    annotations: document.annotations,
  }
}
