import type { RegistryOptions, TagLister } from '../../catalog/ports.js'
import { ContainerImageError, hasCode, isRepository, isTag } from '../../manifests/index.js'
import type { RegistryClient } from './client.js'
import { listPages } from './list-pages.js'

/** All names that are kept in one run, of all lists of all registries: each takes memory until it is shown. */
const MOST_NAMES = 1_000_000

/** Lists what registries have, for the catalog. */
export class RegistryTags implements TagLister {
  private names = 0

  constructor(
    readonly client: RegistryClient,
    readonly mostNames = MOST_NAMES,
  ) {}

  async tags(registry: string, repository: string, options: RegistryOptions): Promise<string[]> {
    const list = listPages(this.client, {
      ...requestOptions(registry, options),
      repository,
      path: 'tags/list',
      subject: `tags of ${registry}/${repository}`,
    })
    const tags = new Set<string>()
    for await (const { document } of list) this.add(tags, document.tags, isTag, registry)
    return [...tags]
  }

  async repositories(registry: string, options: RegistryOptions): Promise<string[] | undefined> {
    const list = listPages(this.client, {
      ...requestOptions(registry, options),
      path: '_catalog',
      subject: `repositories of ${registry}`,
      accept: [403, 404, 405],
    })
    const names = new Set<string>()
    try {
      for await (const { status, document } of list) {
        if (status !== 200) return undefined
        this.add(names, document.repositories, isRepository, registry)
      }
      return [...names]
    } catch (error) {
      // Most public registries have the catalog only for their operators, and some answer with a page about it or
      // lead away to one; some are asked by their mirrors only.
      if (hasCode(error, 'UNAUTHORIZED', 'MIRROR_ONLY', 'INVALID_DOCUMENT', 'REDIRECT_REFUSED'))
        return undefined
      throw error
    }
  }

  /** Adds what is a name by the spec's grammar; nothing else may reach a reference or a screen. */
  private add(names: Set<string>, value: unknown, isName: (text: string) => boolean, registry: string): void {
    if (!Array.isArray(value)) return
    const before = names.size
    for (const name of value) if (typeof name === 'string' && isName(name)) names.add(name)
    this.names += names.size - before
    if (this.names > this.mostNames) throw tooManyNames(registry, this.mostNames)
  }
}

function tooManyNames(registry: string, most: number): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `${registry} lists too many names.`, {
    side: 'source',
    expected: `at most ${most} names of repositories and tags in one run`,
    found: 'more',
    remedy: 'Ask for an exact name, or by a full reference.',
  })
}

function requestOptions(registry: string, options: RegistryOptions) {
  return {
    registry,
    insecure: options.insecure === true,
    ...(options.brief ? { brief: options.brief } : {}),
    signal: options.signal,
  }
}
