import type { RegistryOptions, TagLister } from '../../catalog/ports.js'
import { hasCode, isRepository, isTag } from '../../manifests/index.js'
import type { RegistryClient } from './client.js'
import { pages } from './pages.js'

/** How many names a page should have; registries may give fewer. */
const PAGE = 1000

/** Lists what registries have, for the catalog. */
export class RegistryTags implements TagLister {
  constructor(readonly client: RegistryClient) {}

  async tags(registry: string, repository: string, options: RegistryOptions): Promise<string[]> {
    const list = pages(this.client, {
      ...requestOptions(registry, options),
      repository,
      path: `tags/list?n=${PAGE}`,
      subject: `tags of ${registry}/${repository}`,
    })
    const tags = new Set<string>()
    for await (const { document } of list) addNames(tags, document.tags, isTag)
    return [...tags]
  }

  async repositories(registry: string, options: RegistryOptions): Promise<string[] | undefined> {
    const list = pages(this.client, {
      ...requestOptions(registry, options),
      path: `_catalog?n=${PAGE}`,
      subject: `repositories of ${registry}`,
      accept: [403, 404, 405],
    })
    const names = new Set<string>()
    try {
      for await (const { status, document } of list) {
        if (status !== 200) return undefined
        addNames(names, document.repositories, isRepository)
      }
      return [...names]
    } catch (error) {
      // Most public registries have the catalog only for their operators; some are asked by their mirrors only.
      if (hasCode(error, 'UNAUTHORIZED', 'MIRROR_ONLY')) return undefined
      throw error
    }
  }
}

function requestOptions(registry: string, options: RegistryOptions) {
  return {
    registry,
    insecure: options.insecure === true,
    ...(options.signal ? { signal: options.signal } : {}),
  }
}

/** Adds what is a name by the spec's grammar; nothing else may reach a reference or a screen. */
function addNames(names: Set<string>, value: unknown, isName: (text: string) => boolean): void {
  if (!Array.isArray(value)) return
  for (const name of value) if (typeof name === 'string' && isName(name)) names.add(name)
}
