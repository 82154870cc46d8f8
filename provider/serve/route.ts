import { type Digest, isDigest, isRepository, isTag, show } from '../../manifests/index.js'
import { Refusal } from './refusal.js'

/** What a request asks for; its names and digests have been checked. */
export type Route =
  | { kind: 'health' }
  | { kind: 'metrics' }
  | { kind: 'base' }
  | { kind: 'catalog' }
  | { kind: 'tags'; repository: string }
  | { kind: 'manifest'; repository: string; reference: string }
  | { kind: 'blob'; repository: string; digest: Digest }
  | { kind: 'referrers'; repository: string; digest: Digest }

export type RouteKind = Route['kind']

/** Longer ones are refused before they are looked at: a name has 255 characters at most, a digest 135. */
const LONGEST_PATH = 1024

/**
 * The route of a path (distribution-spec, "Endpoints"). Nothing is decoded: no name, tag or digest needs it,
 * and a proxy in front of us might read an encoded one differently.
 * @throws Refusal
 */
export function routeOf(method: string, path: string): Route {
  if (path === '/healthz') return reading(method, { kind: 'health' })
  if (path === '/metrics') return reading(method, { kind: 'metrics' })
  if (path === '/v2/' || path === '/v2') return reading(method, { kind: 'base' })
  if (path === '/v2/_catalog') return reading(method, { kind: 'catalog' })
  if (path.length > LONGEST_PATH) throw new Refusal(414, 'NAME_INVALID', 'The path is too long.')
  if (!path.startsWith('/v2/')) throw new Refusal(404, 'UNSUPPORTED', 'Only the paths below /v2/ are served.')
  const inner = path.slice('/v2/'.length)
  const upload = /^(.+)\/blobs\/uploads(?:\/[^/]*)?$/.exec(inner)
  if (upload) throw readOnly()
  const list = /^(.+)\/tags\/list$/.exec(inner)
  if (list?.[1]) return reading(method, { kind: 'tags', repository: repositoryIn(list[1]) })
  const found = /^(.+)\/(manifests|blobs|referrers)\/([^/]+)$/.exec(inner)
  const [, name = '', kind, reference = ''] = found ?? []
  if (kind === undefined) throw new Refusal(404, 'UNSUPPORTED', `There is no endpoint ${show(path)}.`)
  const repository = repositoryIn(name)
  if (kind === 'manifests')
    return reading(method, { kind: 'manifest', repository, reference: manifestReference(reference) })
  const digest = digestIn(reference)
  return reading(
    method,
    kind === 'blobs' ? { kind: 'blob', repository, digest } : { kind: 'referrers', repository, digest },
  )
}

function reading(method: string, route: Route): Route {
  if (method === 'GET' || method === 'HEAD') return route
  throw readOnly()
}

/** distribution-spec, "Content Management": a registry that deletes nothing answers 405. */
function readOnly(): Refusal {
  return new Refusal(405, 'UNSUPPORTED', 'This registry is read-only: nothing can be pushed or deleted.', {
    Allow: 'GET, HEAD',
  })
}

function repositoryIn(text: string): string {
  if (isRepository(text)) return text
  throw new Refusal(400, 'NAME_INVALID', `${show(text)} cannot be the name of a repository.`)
}

/** distribution-spec, "Pulling manifests": a tag or a digest, and nothing else. */
function manifestReference(text: string): string {
  if (isTag(text) || (isDigest(text) as boolean)) return text
  throw /:/.test(text)
    ? new Refusal(400, 'DIGEST_INVALID', `${show(text)} is not a digest.`)
    : new Refusal(404, 'MANIFEST_UNKNOWN', `${show(text)} is neither a tag nor a digest.`)
}

function digestIn(text: string): Digest {
  if (isDigest(text)) return text
  throw new Refusal(400, 'DIGEST_INVALID', `${show(text)} is not a digest.`)
}
