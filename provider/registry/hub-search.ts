import { parseObject, printable } from '../../manifests/index.js'
import type { RegistryClient } from './client.js'
import { RegistryDocuments } from './document.js'
import type { SearchHit } from './search-hit.js'

/** Docker Hub's search, which `docker search` asks too: the registry protocol has none. */
const SEARCH = 'https://index.docker.io/v1/search'

/** More are not given at once. */
const MOST = 100

/** In bytes; a hundred hits have some ten thousand. */
const ANSWER_LIMIT = 4 * 1024 * 1024

/** Names and descriptions on Docker Hub, the best first. @throws REGISTRY_ERROR, network errors */
export async function searchHub(
  client: RegistryClient,
  term: string,
  limit: number,
  signal?: AbortSignal,
): Promise<SearchHit[]> {
  const url = new URL(SEARCH)
  url.searchParams.set('q', term)
  url.searchParams.set('n', String(Math.min(limit, MOST)))
  const options = { limit: ANSWER_LIMIT, signal }
  const bytes = await new RegistryDocuments(client).read(url.href, options)
  const { results } = parseObject(bytes, "Docker Hub's answer to the search", ANSWER_LIMIT)
  return (Array.isArray(results) ? results : []).flatMap(hitOf).slice(0, limit)
}

/** What has no name is left out. */
function hitOf(value: unknown): SearchHit[] {
  if (value === null || typeof value !== 'object') return []
  const { name, description, star_count, is_official } = value as Record<string, unknown>
  if (typeof name !== 'string' || name === '') return []
  return [
    {
      name: printable(name),
      description: typeof description === 'string' ? printable(description) : '',
      source: 'docker.io',
      stars: typeof star_count === 'number' ? star_count : 0,
      official: is_official === true,
    },
  ]
}
