import { type Digest, isDigest, isIndexType, isManifestType, MANIFEST_ACCEPT } from '../../manifests/index.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { bodyLength, header } from './http.js'

/** What a registry says about a manifest without sending it. */
export interface ManifestHead {
  digest: Digest
  /** Left out if the registry names none that is a manifest's. */
  mediaType?: string
  /** In bytes. */
  size?: number
}

/** The repository that is asked, and how. */
export type HeadRequest = Pick<
  RegistryRequest,
  'registry' | 'repository' | 'insecure' | 'signal' | 'brief'
> & {
  repository: string
}

/**
 * Asks for a manifest by HEAD, which no registry counts as a pull.
 * @param name a tag or a digest
 * @returns undefined if there is none; 'untold' if the registry does not answer HEAD, or names no digest
 * @throws UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR and what the connection throws
 */
export async function headManifest(
  client: RegistryClient,
  request: HeadRequest,
  name: string,
): Promise<ManifestHead | 'untold' | undefined> {
  const { registry, repository } = request
  const answer = await client.request({
    ...request,
    method: 'HEAD',
    path: `manifests/${name}`,
    headers: { accept: MANIFEST_ACCEPT.join(', ') },
    subject: `${registry}/${repository}${isDigest(name) ? '@' : ':'}${name}`,
    accept: [404, 405, 501],
  })
  await answer.body.discard()
  if (answer.status === 404) return undefined
  const digest = header(answer, 'docker-content-digest')
  if (answer.status !== 200 || digest === undefined || !isDigest(digest)) return 'untold'
  const mediaType = (header(answer, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const isKnown = isIndexType(mediaType) || isManifestType(mediaType)
  const size = bodyLength(answer)
  return { digest, ...(isKnown ? { mediaType } : {}), ...(size === undefined ? {} : { size }) }
}
