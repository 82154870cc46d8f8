import { formatLocalName, type LocalName, parseLocalName } from '../../manifests/index.js'

/** What docker puts before a name without a host (distribution/reference, `ParseNormalizedNamed`). */
const DEFAULT_REGISTRY = 'docker.io'
const DEFAULT_NAMESPACE = 'library'

/** A name as engines keep it: `debian:12.5` is `docker.io/library/debian:12.5`. @throws INVALID_REFERENCE */
export function engineName(name: LocalName): string {
  const { repository, tag } = name
  const first = repository.split('/')[0] ?? ''
  const hasHost = repository.includes('/') && (/[.:[]/.test(first) || first === 'localhost')
  if (hasHost) return formatLocalName(name)
  const path = repository.includes('/') ? repository : `${DEFAULT_NAMESPACE}/${repository}`
  return `${DEFAULT_REGISTRY}/${path}:${tag}`
}

/** A name that a user wrote, with or without registry and tag, as engines keep it. @throws INVALID_REFERENCE */
export function engineNameOf(text: string): string {
  return engineName(parseLocalName(text))
}

/** What users write for a name that an engine keeps: `docker.io/library/debian:12.5` is `debian:12.5`. */
export function familiarName(full: string): LocalName {
  const name = parseLocalName(full)
  const repository = name.repository
    .replace(new RegExp(`^${DEFAULT_REGISTRY}/${DEFAULT_NAMESPACE}/(?=[^/]+$)`), '')
    .replace(new RegExp(`^${DEFAULT_REGISTRY}/`), '')
  return { ...name, repository }
}
