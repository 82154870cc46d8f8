import { isDigest } from './digest.js'
import { show } from './problems.js'
import { isHost, isRepository, isTag, looksLikeHost, TAG_IN_WORDS } from './reference-grammar.js'
import { option } from './wording.js'

/**
 * What to write instead of a text that was meant as a full reference and is none: with a scheme or transport before
 * it, as skopeo and browsers have them, in capitals, or with a tag or a digest that cannot be one.
 * @returns a remedy; undefined for a reference, for a pattern, and for anything else that was not meant as one
 */
export function insteadOf(text: string): string | undefined {
  const scheme = /^(docker|https?):\/\//i.exec(text)?.[0]
  if (scheme) return withoutScheme(scheme, text.slice(scheme.length))
  const transport = /^[a-z-]+:/.exec(text)?.[0] ?? ''
  if (OF_FILES.has(transport) && /[\\/]|\.tar\b/.test(text))
    return `Give the path alone, without ${show(transport)}, and with ./ or / before it.`
  const engine = OF_ENGINES[transport]
  if (engine) return `Give the name alone, and the engine with ${option('source')} ${engine}.`
  if (/[*?]/.test(text)) return undefined
  const slash = text.indexOf('/')
  const host = text.slice(0, Math.max(0, slash))
  return /^(?![a-z]:$)[[\w]/i.test(host) && looksLikeHost(host)
    ? faultIn(host, text.slice(slash + 1))
    : undefined
}

/** Transports of skopeo and podman (containers-transports(5)). */
const OF_FILES = new Set(['oci:', 'oci-archive:', 'docker-archive:', 'dir:'])
const OF_ENGINES: Record<string, string> = { 'docker-daemon:': 'docker', 'containers-storage:': 'podman' }

function withoutScheme(scheme: string, rest: string): string {
  return insteadOf(rest) ?? `Write it without ${show(scheme)}: ${rest.includes('/') ? rest : `${rest}/NAME`}.`
}

/** What is wrong with a reference; the first thing, if there are several. */
function faultIn(host: string, path: string): string | undefined {
  if (!isHost(host))
    return `${show(host)} cannot be a registry: it takes the name or address of a host, and a port up to 65535.`
  const at = path.indexOf('@')
  const [name, digest] = at < 0 ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)]
  const colon = name.indexOf(':')
  const [repository, tag] = colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)]
  const behind = path.slice(repository.length)
  if (repository === '') return `The name of the repository is missing: ${host}/NAME${behind}.`
  if (/[A-Z]/.test(repository) && isRepository(repository.toLowerCase()))
    return `As a reference, it is written in lower case: ${host}/${repository.toLowerCase()}${behind}.`
  const single = repository.replace(/\/+/g, '/').replace(/^\/|\/$/g, '')
  if (single !== repository && isRepository(single))
    return `Leave out the slash that is too many: ${host}/${single}${behind}.`
  if (!isRepository(repository)) return `${show(repository)} cannot be a repository: ${REPOSITORY}.`
  if (tag === '') return 'The tag is missing after the colon.'
  if (tag !== undefined && !isTag(tag)) return `${show(tag)} cannot be a tag: it takes ${TAG_IN_WORDS}.`
  if (digest !== undefined && !isDigest(digest)) return `${show(digest)} is no digest: ${DIGEST}.`
  return undefined
}

const REPOSITORY = 'it takes lower-case letters and digits, with single . _ - or / between them'
const DIGEST = 'it takes sha256: and 64 hex digits, in lower case'
