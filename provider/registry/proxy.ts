import { BlockList, isIP } from 'node:net'
import { ContainerImageError } from '../../manifests/index.js'
import { bareHost, isLoopbackHost } from './addresses.js'

/**
 * The proxy that the environment names for a URL: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, the lower-case
 * spelling first. This machine itself is never asked for through a proxy.
 * @throws NETWORK_UNREACHABLE where the proxy's URL cannot be used
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  if (isLoopbackHost(url.hostname)) return undefined
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const value = setting(environment, name)
  if (!value || isExcepted(url, setting(environment, 'no_proxy'))) return undefined
  return parseProxy(value, name.toUpperCase())
}

function setting(environment: NodeJS.ProcessEnv, name: string): string {
  return (environment[name] || environment[name.toUpperCase()] || '').trim()
}

function parseProxy(value: string, name: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && ['http:', 'https:', 'socks5:'].includes(url.protocol) && url.hostname) return url
  // Not shown: a proxy's URL may hold a password.
  throw new ContainerImageError('NETWORK_UNREACHABLE', `${name} does not name a proxy that can be used.`, {
    side: 'source',
    expected: 'http://host:port, https://host:port or socks5://host:port',
    remedy: `Correct or unset ${name}.`,
  })
}

/**
 * NO_PROXY as Go's programs read it (golang.org/x/net/http/httpproxy), docker and podman among them: `*`; hosts
 * with all below them; `.example.org` or `*.example.org` for only what is below; addresses; networks as
 * `10.0.0.0/8`. Hosts and addresses may have a port.
 */
function isExcepted(url: URL, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => entry === '*' || matches(url, entry.toLowerCase()))
}

function matches(url: URL, entry: string): boolean {
  const host = bareHost(url.hostname)
  if (entry.includes('/')) return inNetwork(host, entry)
  if (isIP(bareHost(entry))) return isSameAddress(host, bareHost(entry))
  const [, name = '', port] = /^(.*?)(?::([0-9]+))?$/.exec(entry) ?? []
  if (port !== undefined && port !== portOf(url)) return false
  const wanted = bareHost(name)
  if (isIP(wanted)) return isSameAddress(host, wanted)
  const below = wanted.replace(/^\*?\./, '')
  if (below === '') return false
  return host.endsWith(`.${below}`) || (below === wanted && host === wanted)
}

/** An address may be written in several ways; a URL has one of them. */
function isSameAddress(host: string, address: string): boolean {
  return inNetwork(host, `${address}/${isIP(address) === 4 ? 32 : 128}`)
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80')
}

function inNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  const version = isIP(network)
  if (version === 0 || isIP(host) !== version || !/^[0-9]{1,3}$/.test(bits)) return false
  if (Number(bits) > (version === 4 ? 32 : 128)) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, Number(bits), family)
  return list.check(host, family)
}
