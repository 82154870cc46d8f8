import { ContainerImageError, show } from '../../manifests/index.js'
import { isLoopbackHost } from './addresses.js'
import { areSiblings } from './same-site.js'

/** Token services that belong to a registry of another name. */
const KNOWN: Record<string, string> = {
  'registry-1.docker.io': 'auth.docker.io',
}

/**
 * Checks the place where a registry sends for tokens (the `realm` of its challenge). It must be https; plain http is
 * accepted only if the registry itself is plain http and the realm is the same host or this machine (oras-go
 * CVE-2026-48978: a realm over http, or at an internal address, makes the client a tool). Addresses are checked when
 * the connection is made.
 * @throws REDIRECT_REFUSED
 */
export function checkRealm(realm: string | undefined, registry: URL): URL {
  const url = realm && URL.canParse(realm) ? new URL(realm) : undefined
  if (!url) throw refused(registry, 'that is not a URL', 'a URL as realm', show(realm))
  if (url.username || url.password)
    throw refused(registry, 'its URL holds credentials', 'none', 'credentials')
  if (url.protocol === 'https:') return url
  const plainIsFair =
    url.protocol === 'http:' &&
    registry.protocol === 'http:' &&
    (url.hostname === registry.hostname || isLoopbackHost(url.hostname))
  if (!plainIsFair) throw refused(registry, 'it is not reached over https', 'https', show(url.origin))
  return url
}

/**
 * Whether a registry's own credentials may go to its realm. They belong to the registry, so the realm must
 * demonstrably belong to it too. That is so for
 * - the same origin;
 * - the same host name on another port, both over https: one certificate's name vouches for both;
 * - a domain that the registry's host lies below, over https (`registry.gitlab.com` asks `gitlab.com`):
 *   whoever owns a domain owns what is below it, not the other way round;
 * - hosts side by side in a domain with one owner, over https (`registry.example.org` asks `gitlab.example.org`, as
 *   GitLab is usually set up);
 * - the pairs that are known (`registry-1.docker.io` asks `auth.docker.io`);
 * - the realm that the user named for this registry.
 * Every other realm is asked with the credentials that are kept for the realm's own host, or with none.
 * Whoever controls a registry could ask for its password anyway; the rule is against realms that somebody
 * else has slipped in.
 * @param told the token service that the user has named for the registry
 */
export function belongsTogether(realm: URL, registry: URL, told?: URL): boolean {
  if (realm.origin === registry.origin || realm.origin === told?.origin) return true
  if (realm.protocol !== 'https:' || registry.protocol !== 'https:') return false
  const [host, from] = [realm.hostname, registry.hostname]
  if (host === from) return true
  // If the token service is known, no other one is accepted as well.
  if (KNOWN[from] !== undefined) return KNOWN[from] === realm.host
  return areSiblings(host, from) || (host.includes('.') && from.endsWith(`.${host}`))
}

function refused(registry: URL, why: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError(
    'REDIRECT_REFUSED',
    `The token service that ${registry.host} names is not asked: ${why}.`,
    { side: 'source', expected, found },
  )
}
