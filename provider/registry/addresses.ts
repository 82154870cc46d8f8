import { BlockList, isIP } from 'node:net'

/**
 * Networks that no public host lives in: this machine, private and shared networks, link-local (where
 * clouds keep the credentials of their machines), documentation, multicast and reserved ranges
 * (IANA special-purpose registries, RFC 6890).
 */
const NOT_PUBLIC = blockList(
  [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ],
  [
    ['::', 127],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
    ['2001:db8::', 32],
    // IPv4 translations (RFC 6052, RFC 3056): the address does not show what is behind them.
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['2002::', 16],
  ],
)

const LOOPBACK = blockList([['127.0.0.0', 8]], [['::1', 128]])

function blockList(v4: [string, number][], v6: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of v4) list.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, 'ipv6')
  return list
}

/** A URL's hostname without the brackets of an IPv6 address and without a zone. */
export function bareHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .toLowerCase()
}

/** Whether an address is outside the public Internet; what is not an address counts as outside. */
export function isPrivateAddress(address: string): boolean {
  const bare = bareHost(address)
  const version = isIP(bare)
  if (version === 0) return true
  return NOT_PUBLIC.check(bare, version === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Whether a host is this machine by its very name: `localhost`, 127.0.0.0/8 or ::1. Other names may lead here
 * too, but only these are certain without asking anybody.
 */
export function isLoopbackHost(hostname: string): boolean {
  const bare = bareHost(hostname)
  if (bare === 'localhost') return true
  const version = isIP(bare)
  return version !== 0 && LOOPBACK.check(bare, version === 4 ? 'ipv4' : 'ipv6')
}

/** Whether a host is known to be private without asking DNS: an address, or a name for this machine. */
export function isPrivateByName(hostname: string): boolean {
  const bare = bareHost(hostname)
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true
  return isIP(bare) !== 0 && isPrivateAddress(bare)
}
