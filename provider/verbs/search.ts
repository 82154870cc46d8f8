import { inContext } from '../context/context.js'
import { defined } from '../context/defined.js'
import type { SearchHit, SearchRequest } from '../requests.js'
import { openCatalog } from '../sources/open-catalog.js'

const DEFAULT_LIMIT = 25

/**
 * The names of the sources that hold a term, without their versions.
 * @throws SOURCE_UNKNOWN, NO_MATCH, network errors where no source answers
 */
export async function search(request: SearchRequest): Promise<SearchHit[]> {
  return await inContext(request, async (context) => {
    const { catalog, source } = await openCatalog(context, locationOf(request.source))
    const { signal } = request
    const pattern = `*${request.term.replace(/[[\]*?`]/g, '`$&')}*`
    const { entries } = await catalog.find({
      names: [pattern],
      allVersions: true,
      ...defined({ signal, source }),
    })
    const hits = new Map<string, SearchHit>()
    for (const entry of entries)
      hits.set(`${entry.source} ${entry.name}`, {
        name: entry.name,
        description: entry.summary,
        source: entry.source,
      })
    return [...hits.values()].slice(0, request.limit ?? DEFAULT_LIMIT)
  })
}

/** A bare `host[:port]` is a registry. */
function locationOf(source: string | undefined): string | undefined {
  if (source === undefined || source.includes('/')) return source
  return /^[^\s]+(\.[^\s]+|:\d+)$/.test(source) ? `https://${source}` : source
}
