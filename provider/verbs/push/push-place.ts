import { parseLocation } from '../../../catalog/location.js'
import {
  ContainerImageError,
  insteadOf,
  isRepository,
  type LocalName,
  parseReference,
  show,
} from '../../../manifests/index.js'
import { listSources } from '../sources/sources.js'

/** A registry with the prefix that all repositories get there. */
export interface PushPlace {
  /** host[:port] */
  registry: string
  /** Empty, or without a slash at the end: `base`. */
  prefix: string
  insecure: boolean
  /** The name of the one image there, if the place gives it. */
  exact?: LocalName
}

/**
 * Where images are pushed to: `host[:port][/prefix]`, an https URL, the name of a source that is a registry, or
 * `host[:port]/name:tag` for one image.
 * @throws INVALID_REFERENCE, SOURCE_INVALID, SOURCE_INSECURE
 */
export async function pushPlace(text: string, insecure = false): Promise<PushPlace> {
  if (/^https?:\/\//i.test(text)) return atUrl(text, insecure)
  const source = (await listSources()).find(({ name }) => name.toLowerCase() === text.toLowerCase())
  if (source?.type === 'registry') return atUrl(source.location, insecure || source.insecure === true)
  const slash = text.indexOf('/')
  const [registry, path] =
    slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1).replace(/\/+$/, '')]
  if (!isRegistry(registry)) throw notARegistry(text)
  const place = { registry: registry.toLowerCase(), insecure }
  const exact = exactName(registry, path)
  if (exact) return { ...place, prefix: folderOf(exact.repository), exact }
  if (path !== '' && !isRepository(path)) throw notARegistry(text)
  return { ...place, prefix: path }
}

/** A path with a tag is a full name. @throws INVALID_REFERENCE */
function exactName(registry: string, path: string): LocalName | undefined {
  if (!path.includes(':') || path.includes('@')) return undefined
  const { repository, tag } = parseReference(`${registry}/${path}`)
  return tag === undefined ? undefined : { repository, tag }
}

function folderOf(repository: string): string {
  return repository.slice(0, Math.max(0, repository.lastIndexOf('/')))
}

function atUrl(location: string, insecure: boolean): PushPlace {
  const parsed = parseLocation(location, { type: 'registry', insecure })
  if (parsed.kind !== 'registry') throw notARegistry(location)
  return { registry: parsed.registry, prefix: parsed.prefix, insecure: insecure || parsed.insecure }
}

/** By docker's rule for references: a dot, a colon, or localhost. */
function isRegistry(text: string): boolean {
  try {
    return parseReference(`${text}/any`).registry !== ''
  } catch {
    return false
  }
}

function notARegistry(text: string): ContainerImageError {
  return new ContainerImageError('INVALID_REFERENCE', `${show(text)} is not a registry to push to.`, {
    side: 'destination',
    expected: 'host[:port][/prefix], host[:port]/name:tag, or the name of a source that is a registry',
    found: show(text),
    remedy:
      insteadOf(text) ??
      'Write the registry last, with its port or a dot in its name: registry.example.org/base.',
  })
}

/** The repository that a local name gets there. A prefix that the name begins with is not repeated. */
export function repositoryAt({ prefix }: PushPlace, repository: string): string {
  const own = withoutHost(repository)
  return prefix === '' || own.startsWith(`${prefix}/`) ? own : `${prefix}/${own}`
}

/** A name in the store may include the registry that it came from; that part is dropped. */
function withoutHost(repository: string): string {
  const slash = repository.indexOf('/')
  const first = slash < 0 ? '' : repository.slice(0, slash)
  return /[.:]/.test(first) || first === 'localhost' ? repository.slice(slash + 1) : repository
}
