import {
  ContainerImageError,
  hasCode,
  isRepository,
  printable,
  throwIfAborted,
} from '../../manifests/index.js'
import { namesMeant } from '../asked-name.js'
import { REQUESTS_AT_ONCE, settleAtMost } from '../at-most.js'
import { type CatalogSource, type Entry, inRegistry, type ListOptions, type SourceAnswer } from '../entry.js'
import { parseLocation } from '../location.js'
import type { RegistryOptions, TagLister } from '../ports.js'
import { type TagRule, tagRule } from '../tag-rule.js'
import { hasWildcard } from '../wildcard.js'
import { isBelow, repositoryNames } from './repository-names.js'
import { imageTags } from './repository-tags.js'

/** A wider search is cut off here, with a note: each repository is a request. */
const MOST_REPOSITORIES = 1000
/** At most this many failed repositories get a line of their own. */
const MOST_FAILURES = 5
/** For a registry that does not give its list of repositories, or gives something else. */
const OF_LIST = [
  'UNAUTHORIZED',
  'NOT_FOUND',
  'REGISTRY_ERROR',
  'DOCUMENT_TOO_LARGE',
  'INVALID_DOCUMENT',
  'RATE_LIMITED',
  'REDIRECT_REFUSED',
] as const
const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

export interface RegistrySourceOptions {
  name: string
  /** `https://host[:port][/prefix]`. */
  location: string
  /** Plain http is allowed to hosts other than this machine. */
  insecure?: boolean
  /** Which tags are versions: a regular expression (see tagRule). */
  tagRule?: string
  /** The same for single repositories, by their full path. */
  tagRules?: Record<string, string>
}

/**
 * A registry: names are its repositories, versions their tags.
 *
 * Names come from `_catalog` if the registry has it; if not, or if the list leaves a name out (a registry may
 * list only what an account may see), a name without wildcards is treated as a repository.
 */
export class RegistrySource implements CatalogSource {
  readonly name: string
  private readonly registry: string
  private readonly prefix: string
  private readonly insecure: boolean
  private readonly rule: TagRule
  private readonly rules: Map<string, TagRule>

  /** @throws SOURCE_INVALID, SOURCE_INSECURE */
  constructor(
    options: RegistrySourceOptions,
    private readonly lister: TagLister,
  ) {
    const insecure = options.insecure ?? false
    const location = parseLocation(options.location, { type: 'registry', insecure })
    if (location.kind !== 'registry')
      throw new ContainerImageError('SOURCE_INVALID', 'A registry is named by a URL.')
    this.name = options.name
    this.registry = location.registry
    this.prefix = location.prefix
    this.insecure = location.insecure
    this.rule = tagRule(options.tagRule)
    this.rules = new Map(Object.entries(options.tagRules ?? {}).map(([name, rule]) => [name, tagRule(rule)]))
  }

  async entries(patterns: string[], options: ListOptions): Promise<SourceAnswer> {
    const wanted = patterns.filter((pattern) => pattern.trim() !== '')
    const exact = wanted.filter((pattern) => !hasWildcard(pattern))
    const listed = await this.listed(exact.length > 0, options)
    const notes = listed || (wanted.length > 0 && exact.length === wanted.length) ? [] : [this.cannotList()]
    const guessed = this.guesses(exact, listed ?? [])
    const named = repositoryNames([...(listed ?? []), ...guessed], this.prefix)
    const matching = meant(wanted, named).map(([repository, name]) => ({ repository, name }))
    if (matching.length > MOST_REPOSITORIES) notes.push(this.cut(matching.length))
    return this.ask(matching.slice(0, MOST_REPOSITORIES), notes, options)
  }

  async names(options: ListOptions): Promise<string[]> {
    return [...repositoryNames((await this.listed(true, options)) ?? [], this.prefix).values()]
  }

  /** The repositories below the prefix; undefined where the registry does not list them. */
  private async listed(mayRefuse: boolean, options: ListOptions): Promise<string[] | undefined> {
    try {
      // A registry that fails to list once fails every time.
      const asked = { ...this.options(options), brief: mayRefuse || ('retries' as const) }
      const all = await this.lister.repositories(this.registry, asked)
      return all?.filter((repository) => isRepository(repository) && isBelow(this.prefix, repository))
    } catch (error) {
      // Many registries keep the list from ordinary accounts that may well read single repositories, or fail over it.
      if (mayRefuse && this.isOfList(error)) return undefined
      throw error
    }
  }

  /**
   * Whether an error says nothing about the registry's other answers: only the list fails, or leads
   * elsewhere.
   */
  private isOfList(error: unknown): boolean {
    if (hasCode(error, ...OF_LIST)) return true
    if (!hasCode(error, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT')) return false
    const { host = this.registry, stage = 'connecting' } = error.details ?? {}
    return stage !== 'connecting' || host !== this.registry
  }

  /** The repositories that exact names mean and that the list does not have. */
  private guesses(exact: string[], listed: string[]): string[] {
    const names = repositoryNames(listed, this.prefix)
    const missing = exact.filter((pattern) => meant([pattern], names).length === 0)
    return [...new Set(missing.map((name) => this.repositoryOf(name.toLowerCase())))].filter(isRepository)
  }

  private repositoryOf(name: string): string {
    if (this.prefix !== '') return isBelow(this.prefix, name) ? name : `${this.prefix}/${name}`
    // Docker Hub's own images are below `library`, and docker's users leave that out.
    return DOCKER_HUB.includes(this.registry) && !name.includes('/') ? `library/${name}` : name
  }

  private async ask(
    repositories: Repository[],
    notes: string[],
    options: ListOptions,
  ): Promise<SourceAnswer> {
    const results = await settleAtMost(REQUESTS_AT_ONCE, repositories, (repository) =>
      this.tags(repository, options),
    )
    throwIfAborted(options.signal)
    const entries: Entry[] = []
    const failures: { repository: Repository; error: unknown }[] = []
    for (const [i, result] of results.entries()) {
      const repository = repositories[i]
      if (!repository) continue
      if (result.status === 'fulfilled')
        for (const tag of result.value) entries.push(this.entry(repository, tag))
      else failures.push({ repository, error: result.reason })
    }
    const [first] = failures
    if (first && failures.length === repositories.length) throw first.error
    return { entries, notes: [...notes, ...this.failures(failures)] }
  }

  private async tags(repository: Repository, options: ListOptions): Promise<string[]> {
    try {
      const tags = await this.lister.tags(this.registry, repository.repository, this.options(options))
      return imageTags(tags)
    } catch (error) {
      // The name is simply not here; or all its tags were deleted, while the registry still lists it.
      if (hasCode(error, 'NOT_FOUND')) return []
      throw error
    }
  }

  private entry({ repository, name }: Repository, tag: string): Entry {
    return {
      name,
      version: tag,
      ...(this.rules.get(repository) ?? this.rule)(tag),
      summary: `${this.registry}/${repository}`,
      source: this.name,
      location: inRegistry(`${this.registry}/${repository}:${tag}`, this.insecure),
    }
  }

  private options(options: ListOptions): RegistryOptions {
    return {
      insecure: this.insecure,
      signal: options.signal,
    }
  }

  private cannotList(): string {
    return `Source ${printable(this.name)}: ${this.registry} does not list its repositories; give an exact name.`
  }

  private cut(count: number): string {
    return `Source ${printable(this.name)}: ${count} repositories match; only the first ${MOST_REPOSITORIES} were asked.`
  }

  /** A registry that fails for one usually fails for all. */
  private failures(failures: { repository: Repository; error: unknown }[]): string[] {
    const told = failures
      .slice(0, MOST_FAILURES)
      .map(({ repository, error }) => this.failed(repository, error))
    const more = failures.length - told.length
    const rest = `Source ${printable(this.name)}: the tags of ${more} more repositories are missing here.`
    return more > 0 ? [...told, rest] : told
  }

  private failed({ repository }: Repository, error: unknown): string {
    const reason = error instanceof Error ? printable(error.message) : 'it failed'
    return `Source ${printable(this.name)}: the tags of ${repository} are missing here: ${reason}`
  }
}

interface Repository {
  repository: string
  name: string
}

/** @param named repositories with the names under which the source offers them */
function meant(patterns: string[], named: Map<string, string>): [repository: string, name: string][] {
  if (patterns.length === 0) return [...named]
  const names = new Set(patterns.flatMap((pattern) => namesMeant(pattern, [...named].flat())))
  return [...named].filter((both) => both.some((name) => names.has(name)))
}
