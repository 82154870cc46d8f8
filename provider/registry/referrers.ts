import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  distinct,
  hasCode,
  type ImageIndex,
  isIndexType,
  parseIndex,
  splitDigest,
} from '../../manifests/index.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import type { ReceivedManifest } from './manifest-answer.js'
import { pages } from './pages.js'

/** cosign's tags for signatures, attestations and bills of materials of an image. */
const COSIGN = ['sig', 'att', 'sbom']

/** Answers of registries that do not know the referrers API. */
const WITHOUT_API = [400, 404, 405, 501]

/** Fetches what a tag names; throws NOT_FOUND. */
export type FetchTag = (tag: string) => Promise<ReceivedManifest>

/**
 * The artifacts that refer to a digest, by every way in use: the referrers API, its fallback tag
 * `sha256-<hex>` where there is no API (distribution-spec, "Referrers Tag Schema"), and cosign's tags.
 * @param request what the client needs to know of the repository
 */
export async function findReferrers(
  client: RegistryClient,
  request: Omit<RegistryRequest, 'path' | 'subject'>,
  digest: Digest,
  fetchTag: FetchTag,
): Promise<Descriptor[]> {
  const { algorithm, hex } = splitDigest(digest)
  const tag = `${algorithm}-${hex}`
  const byApi = async () =>
    (await fromApi(client, request, digest)) ?? (await fromIndexTag(tag, digest, fetchTag))
  const [listed, ...tagged] = await Promise.all([
    byApi(),
    ...COSIGN.map((kind) => fromTag(`${tag}.${kind}`, fetchTag)),
  ])
  return distinct([...listed, ...tagged.flat()])
}

/** Undefined where the registry does not have the API. */
async function fromApi(
  client: RegistryClient,
  request: Omit<RegistryRequest, 'path' | 'subject'>,
  digest: Digest,
): Promise<Descriptor[] | undefined> {
  const subject = `referrers of ${digest}`
  const found: Descriptor[] = []
  const wish = { ...request, path: `referrers/${digest}`, subject, accept: WITHOUT_API }
  const list = pages(client, wish, 'document')
  for await (const { status, document } of list) {
    if (status !== 200) return undefined
    found.push(...indexOf(document).manifests)
  }
  return found
}

/** Checks a page as what it is, an index. */
function indexOf(document: Record<string, unknown>): ImageIndex {
  return parseIndex(Buffer.from(JSON.stringify(document)))
}

/** Some registries take the tag for the digest, and answer with the image itself, which lists its platforms. */
async function fromIndexTag(tag: string, digest: Digest, fetchTag: FetchTag): Promise<Descriptor[]> {
  const received = await ifThere(tag, fetchTag)
  if (received?.descriptor.digest === digest) return []
  if (!received || !isIndexType(received.descriptor.mediaType)) return []
  return parseIndex(received.bytes, received.descriptor.mediaType).manifests
}

async function fromTag(tag: string, fetchTag: FetchTag): Promise<Descriptor[]> {
  const received = await ifThere(tag, fetchTag)
  return received ? [{ ...received.descriptor, annotations: { [ANNOTATIONS.refName]: tag } }] : []
}

async function ifThere(tag: string, fetchTag: FetchTag): Promise<ReceivedManifest | undefined> {
  try {
    return await fetchTag(tag)
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
