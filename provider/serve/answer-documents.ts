import { type Descriptor, isDigest, isIndexType, isManifestType } from '../../manifests/index.js'
import { answer, answeredUnchanged, answerJson, digestHeaders, type Exchange } from './answer.js'
import type { Documents } from './documents.js'
import { pageOf } from './paging.js'
import { isMissing, Refusal } from './refusal.js'
import { byCodeUnits, type Repository } from './repositories.js'
import type { View } from './served-collection.js'

/** distribution-spec, "Pulling manifests": by tag or by digest, with the type and the bytes that are stored. */
export async function answerManifest(
  exchange: Exchange,
  view: View,
  documents: Documents,
  repository: Repository,
  reference: string,
): Promise<void> {
  const descriptor = await manifestOf(view, repository, reference)
  if (answeredUnchanged(exchange, descriptor.digest)) return
  // An archive of one platform may hold the index of all.
  const bytes = await documents.read(view.collection, descriptor).catch((error) => {
    throw isMissing(error) ? unknownManifest(repository, reference) : error
  })
  answer(exchange, 200, typeOf(descriptor, bytes), bytes, digestHeaders(descriptor.digest))
}

async function manifestOf(view: View, repository: Repository, reference: string): Promise<Descriptor> {
  const found = isDigest(reference) ? await view.find(repository, reference) : repository.tags.get(reference)
  if (found && (isIndexType(found.mediaType) || isManifestType(found.mediaType))) return found
  throw unknownManifest(repository, reference)
}

function unknownManifest({ name }: Repository, reference: string): Refusal {
  return new Refusal(404, 'MANIFEST_UNKNOWN', `${name} has no manifest ${reference}.`)
}

/** The document's own word counts: of an index that an image was chosen from, the store knows no more. */
function typeOf(descriptor: Descriptor, bytes: Uint8Array): string {
  const { mediaType } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { mediaType?: unknown }
  return typeof mediaType === 'string' && (isIndexType(mediaType) || isManifestType(mediaType))
    ? mediaType
    : descriptor.mediaType
}

/** distribution-spec, "Listing Tags". */
export function answerTags(exchange: Exchange, repository: Repository, name: string): void {
  const sorted = [...repository.tags.keys()].sort(byCodeUnits)
  const { items, link } = pageOf(sorted, exchange.path, exchange.query)
  answerJson(exchange, { name, tags: items }, link === undefined ? {} : { Link: link })
}

/** Docker's list of repositories, which the distribution-spec reserves. */
export function answerCatalog(exchange: Exchange, view: View): void {
  const { items, link } = pageOf(view.repositories.names(), exchange.path, exchange.query)
  answerJson(exchange, { repositories: items }, link === undefined ? {} : { Link: link })
}
