import { formatLocalName, type LocalName, parseLocalName } from './reference.js'
import { looksLikeHost } from './reference-grammar.js'

/** What docker puts before a name without a host (distribution/reference, `ParseNormalizedNamed`). */
const DEFAULT_REGISTRY = 'docker.io'
const DEFAULT_NAMESPACE = 'library'
/** Other hosts under which docker's registry is known. */
const OTHER_NAMES = ['index.docker.io', 'registry-1.docker.io']

/** A name as engines keep it: `debian:12.5` is `docker.io/library/debian:12.5`. @throws INVALID_REFERENCE */
export function engineName(name: LocalName): string {
  return formatLocalName({ ...name, repository: engineRepository(name.repository) })
}

/** A name that a user wrote, with or without registry and tag, as engines keep it. @throws INVALID_REFERENCE */
export function engineNameOf(text: string): string {
  return engineName(parseLocalName(text))
}

/** A repository with its registry: `docker.io/library/debian` for `debian`. */
export function engineRepository(repository: string): string {
  if (repository.includes('/') && looksLikeHost(repository.split('/')[0] ?? '')) return repository
  return repository.includes('/')
    ? `${DEFAULT_REGISTRY}/${repository}`
    : `${DEFAULT_REGISTRY}/${DEFAULT_NAMESPACE}/${repository}`
}

/** What users write for a name that an engine keeps: `docker.io/library/debian:12.5` is `debian:12.5`. */
export function familiarName(full: string): LocalName {
  const name = parseLocalName(full)
  return { ...name, repository: familiarRepository(name.repository) }
}

/**
 * The whole name of an image: its repository as docker shows it, so that each repository has one name only.
 * `docker.io/library/debian` is `debian`, `docker.io/bitnami/redis` is `bitnami/redis`; others keep their host.
 */
export function familiarRepository(repository: string): string {
  const [host = '', ...path] = engineRepository(repository).split('/')
  if (host !== DEFAULT_REGISTRY && !OTHER_NAMES.includes(host)) return repository
  if (path.length === 2 && path[0] === DEFAULT_NAMESPACE) return path[1] ?? ''
  // Without its registry, `docker.io/a.b/c` would be read as `c` in another registry.
  return looksLikeHost(path[0] ?? '') ? [DEFAULT_REGISTRY, ...path].join('/') : path.join('/')
}
