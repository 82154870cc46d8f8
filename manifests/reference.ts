import { type Digest, isDigest } from './digest.js'
import { ContainerImageError } from './errors.js'
import { insteadOf } from './meant-reference.js'
import { present } from './present.js'
import { show } from './problems.js'
import { isHost, isRepository, isTag, looksLikeHost, TAG_IN_WORDS } from './reference-grammar.js'

/** A full reference: `host[:port]/path/repo:tag` or `.../repo@sha256:...` (or both). */
export interface Reference {
  /** Host, with its port if one was written. */
  registry: string
  /** Path below the host, in lower case: `library/debian`. */
  repository: string
  tag?: string
  digest?: Digest
}

/** Whether a text is a full reference, and not a name in the catalog. */
export function isReference(text: string): boolean {
  const slash = text.indexOf('/')
  return slash > 0 && looksLikeHost(text.slice(0, slash)) && parseParts(text) !== undefined
}

/** @throws INVALID_REFERENCE */
export function parseReference(text: string): Reference {
  const parsed = parseParts(text)
  if (!parsed)
    throw new ContainerImageError('INVALID_REFERENCE', `${show(text)} is not a reference to an image.`, {
      expected: 'host[:port]/path/repo:tag or host[:port]/path/repo@sha256:...',
      found: show(text),
      remedy: insteadOf(text),
    })
  return parsed
}

function parseParts(text: string): Reference | undefined {
  const slash = text.indexOf('/')
  if (slash <= 0) return undefined
  const registry = text.slice(0, slash)
  if (!looksLikeHost(registry) || !isHost(registry)) return undefined
  let rest = text.slice(slash + 1)
  let digest: string | undefined
  const at = rest.indexOf('@')
  if (at >= 0) {
    digest = rest.slice(at + 1)
    rest = rest.slice(0, at)
    if (!isDigest(digest)) return undefined
  }
  const colon = rest.indexOf(':')
  const tag = colon >= 0 ? rest.slice(colon + 1) : undefined
  const repository = colon >= 0 ? rest.slice(0, colon) : rest
  if (!isRepository(repository) || (tag !== undefined && !isTag(tag))) return undefined
  return present({ registry: registry.toLowerCase(), repository, tag, digest })
}

export function formatReference(r: Reference): string {
  return `${r.registry}/${r.repository}${r.tag ? `:${r.tag}` : ''}${r.digest ? `@${r.digest}` : ''}`
}

/** A local name, `repository:tag`, as docker shows it; `latest` if no tag is written. */
export interface LocalName {
  repository: string
  tag: string
}

/**
 * Reads `repository[:tag]` of the store.
 * @throws INVALID_REFERENCE if docker would not take the name
 */
export function parseLocalName(text: string): LocalName {
  const lastSlash = text.lastIndexOf('/')
  const colon = text.indexOf(':', lastSlash + 1)
  const repository = colon >= 0 ? text.slice(0, colon) : text
  const tag = colon >= 0 ? text.slice(colon + 1) : 'latest'
  if (!isLocalRepository(repository) || !isTag(tag))
    throw new ContainerImageError('INVALID_REFERENCE', `${show(text)} cannot be the name of an image.`, {
      expected: 'name[:tag], the name in lower case, of letters, digits and single . _ - between them',
      found: show(text),
      remedy: localInstead(text, repository, tag),
    })
  return { repository, tag }
}

function localInstead(text: string, repository: string, tag: string): string {
  const lower = repository.toLowerCase()
  if (!isTag(tag)) return `${show(tag)} cannot be a tag: it takes ${TAG_IN_WORDS}.`
  return isLocalRepository(lower)
    ? `Write it in lower case: ${lower}${text.slice(repository.length)}.`
    : 'Write it as name:tag, such as site/debian:12.5.'
}

/** A repository, with or without a host before it. */
export function isLocalRepository(text: string): boolean {
  const slash = text.indexOf('/')
  const host = slash > 0 ? text.slice(0, slash) : ''
  return looksLikeHost(host) ? isHost(host) && isRepository(text.slice(slash + 1)) : isRepository(text)
}

export function formatLocalName(name: LocalName): string {
  return `${name.repository}:${name.tag}`
}
