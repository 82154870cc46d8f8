import { ContainerImageError, command, isRepository, option, printable, taken } from '../manifests/index.js'
import { isLoopback } from './loopback.js'

/** What a location is treated as. */
export type LocationKind = 'registry' | 'index' | 'folder'

export interface LocationOptions {
  /** Named by the user with --type; default: by the location's form. */
  type?: LocationKind
  /** Plain http is allowed to hosts other than this machine. */
  insecure?: boolean
}

/** A location that was read and found allowed. */
export type SourceLocation =
  /** `prefix` is the part of repositories' paths that the source leaves out; empty if there is none. */
  | { kind: 'registry'; registry: string; prefix: string; insecure: boolean }
  | { kind: 'index'; location: string; insecure: boolean }
  | { kind: 'folder'; path: string }

/**
 * A location in its parts. Its form alone decides which kind of source it is: nothing is looked up.
 * A URL whose path ends in `.json`, or that has a query, is an index; other URLs are registries. A path that
 * ends in `.json` is an index; other paths are folders. A word without a separator could just as well be a
 * name, so a folder is written `./word`.
 * @throws SOURCE_INVALID; SOURCE_INSECURE for plain http to another host without `insecure`
 */
export function parseLocation(location: string, options: LocationOptions = {}): SourceLocation {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) return fromUrl(location, options)
  if (options.type === 'registry') throw invalid('A registry is named by a URL', location)
  if (location.trim() === '' || (!options.type && !looksLikePath(location)))
    throw invalid('A location is a URL or a path', location)
  const kind = options.type ?? (/\.json$/i.test(location) ? 'index' : 'folder')
  return kind === 'index' ? { kind, location, insecure: false } : { kind: 'folder', path: location }
}

/** Contains a separator, begins with a dot, a tilde or a drive, or ends like an index. */
function looksLikePath(location: string): boolean {
  return /[\\/]|^[.~]|\.json$/i.test(location) || /^[a-z]:$/i.test(location)
}

function fromUrl(location: string, options: LocationOptions): SourceLocation {
  const url = URL.canParse(location) ? new URL(location) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid('A URL must be an http(s) one', location)
  if (url.username || url.password)
    throw new ContainerImageError(
      'SOURCE_INVALID',
      `A location must not hold a user or a password: https://${printable(url.host)}.`,
      {
        remedy: `Leave them out and log in with ${command('login', printable(url.host))}; its credentials are used.`,
      },
    )
  if (url.hash) throw invalid('A location has no fragment (#)', location)
  refusePlainHttp(url, options)
  const isIndex = /\.json$/i.test(url.pathname) || url.search !== ''
  const kind = options.type ?? (isIndex ? 'index' : 'registry')
  const insecure = url.protocol === 'http:'
  if (kind === 'folder') throw invalid('A folder is named by a path', location)
  if (kind === 'index') return { kind, location: url.href, insecure }
  return { kind, registry: url.host, prefix: prefixOf(url, location), insecure }
}

function refusePlainHttp(url: URL, options: LocationOptions): void {
  if (url.protocol === 'https:' || options.insecure || isLoopback(url.hostname)) return
  throw new ContainerImageError('SOURCE_INSECURE', `http://${printable(url.host)} is not on this machine.`, {
    expected: 'https, or http to this machine',
    found: `http://${printable(url.host)}`,
  })
}

function prefixOf(url: URL, location: string): string {
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  if (url.search !== '' || (prefix !== '' && !isRepository(prefix)))
    throw invalid('What follows a registry’s host must be the beginning of repositories’ names', location)
  return prefix
}

/** A query may hold a signature that gives access (a SAS token): it is not shown. */
function invalid(rule: string, location: string): ContainerImageError {
  const shown = printable(location.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//'))
  return new ContainerImageError('SOURCE_INVALID', `${rule}; '${shown}' is none.`, {
    expected: 'https://host[:port][/prefix], a JSON index by path or URL, or a folder',
    found: shown,
    remedy: `Write https:// before a registry’s host, and ./ before the name of a folder${taken('type') === undefined ? '' : `; or name the kind with ${option('type')}`}.`,
  })
}
