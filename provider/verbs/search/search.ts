import { parseLocation } from '../../../catalog/location.js'
import { isBelow, repositoryNames } from '../../../catalog/sources/repository-names.js'
import { ContainerImageError, isReference, printable } from '../../../manifests/index.js'
import { isDockerHub } from '../../registry/endpoints.js'
import { searchHub } from '../../registry/hub-search.js'
import type { SearchHit } from '../../registry/search-hit.js'
import { RegistryTags } from '../../registry/tags.js'
import { type Context, inContext } from '../../session/context.js'
import { Settings } from '../../session/settings/settings.js'
import { openCatalog } from '../../sources/open-catalog.js'
import type { SearchRequest } from './request.js'

const DEFAULT_LIMIT = 25

/**
 * The names that contain a term, without their versions: in one registry by its own catalog, on Docker Hub by
 * its search, else in all sources.
 * @throws SOURCE_UNKNOWN, NO_MATCH, CATALOG_CLOSED, network errors if no source answers
 */
export async function search(given: SearchRequest): Promise<SearchHit[]> {
  const request = withPlace(given)
  return await inContext(request, async (context) => {
    const { source, term, limit = DEFAULT_LIMIT, signal } = request
    const registry = source === undefined ? undefined : await registryOf(source, request.insecure)
    if (!registry) return await inCatalog(context, request, limit)
    const client = await context.registry()
    if (isDockerHub(registry.registry)) return await searchHub(client, term, limit, signal)
    return await inRegistry(context, registry, request, limit)
  })
}

/** `host[:port]/part`, as docker takes it, and a bare host as the source. */
function withPlace(request: SearchRequest): SearchRequest {
  const { term, source } = request
  const slash = term.indexOf('/')
  if (source === undefined && slash > 0 && isReference(`${term.slice(0, slash)}/name`))
    return { ...request, source: `https://${term.slice(0, slash)}`, term: term.slice(slash + 1) }
  if (source === undefined || source.includes('/') || !isReference(`${source}/name`)) return request
  return { ...request, source: `https://${source}` }
}

interface RegistryPlace {
  name: string
  registry: string
  prefix: string
  insecure: boolean
}

/** The registry of a source; undefined if it is something else. @throws SOURCE_INVALID, SOURCE_INSECURE */
async function registryOf(
  source: string,
  insecureNow: boolean | undefined,
): Promise<RegistryPlace | undefined> {
  const registered = (await Settings.read()).get('sources') ?? []
  const setting = registered.find(({ name }) => name.toLowerCase() === source.toLowerCase())
  const location = setting?.location ?? source
  if (!/^https?:\/\//i.test(location)) return undefined
  const insecure = insecureNow === true || setting?.insecure === true
  const parsed = parseLocation(location, {
    insecure,
    type: setting?.type === 'index' ? 'index' : undefined,
  })
  if (parsed.kind !== 'registry') return undefined
  const { registry, prefix } = parsed
  return { name: setting?.name ?? source, registry, prefix, insecure: parsed.insecure }
}

async function inRegistry(
  context: Context,
  { name: source, registry, prefix, insecure }: RegistryPlace,
  { term, signal }: SearchRequest,
  limit: number,
): Promise<SearchHit[]> {
  const lister = new RegistryTags(await context.registry())
  const options = { insecure, signal }
  const all = await lister.repositories(registry, options)
  if (!all) throw closed(registry)
  const names = repositoryNames(
    all.filter((repository) => isBelow(prefix, repository)),
    prefix,
  )
  return [...names]
    .filter(([repository]) => repository.toLowerCase().includes(term.toLowerCase()))
    .slice(0, limit)
    .map(([repository, name]) => ({ name, description: `${registry}/${repository}`, source }))
}

function closed(registry: string): ContainerImageError {
  return new ContainerImageError('CATALOG_CLOSED', `${printable(registry)} does not list its repositories.`, {
    side: 'source',
    expected: 'a list of repositories (_catalog)',
    found: 'none, or none for this user',
    details: { registry },
  })
}

async function inCatalog(context: Context, request: SearchRequest, limit: number): Promise<SearchHit[]> {
  const { catalog, source } = await openCatalog(context, request.source)
  const { signal } = request
  const pattern = `*${request.term.replace(/[[\]*?`]/g, '`$&')}*`
  const { entries } = await catalog.find({
    names: [pattern],
    allVersions: true,
    signal,
    source,
  })
  const hits = new Map<string, SearchHit>()
  for (const entry of entries)
    hits.set(`${entry.source} ${entry.name}`, {
      name: entry.name,
      description: entry.summary,
      source: entry.source,
    })
  return [...hits.values()].slice(0, limit)
}
