import { isIPv4, isIPv6 } from 'node:net'
import { ContainerImageError, show } from '../../manifests/index.js'

/** Where a server listens. */
export interface ListenAddress {
  host: string
  /** 0 for any port that is free. */
  port: number
}

/** Reachable only from this machine; 5000 is the customary port of registries. */
export const DEFAULT_LISTEN = '127.0.0.1:5000'

/**
 * Reads `host:port`, `[::1]:port`, or a port alone, which is one of this machine's own.
 * @throws USAGE
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]:|([a-zA-Z0-9.-]+):|:)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2] ?? '127.0.0.1'
  if (match && port <= 65535 && (match[1] === undefined || isIPv6(match[1]))) return { host, port }
  throw new ContainerImageError('USAGE', `${show(text)} is not an address to listen on.`, {
    expected: 'host:port, such as 127.0.0.1:5000 or [::1]:5000; port 0 for one that is free',
    found: show(text),
  })
}

/** Whether an address is one of this machine's own, as the system gives it for a connection too. */
export function isOwnAddress(address: string): boolean {
  const bare = address.replace(/^::ffff:/i, '')
  if (isIPv4(bare)) return bare.startsWith('127.')
  return bare === '::1' || bare === 'localhost'
}

/** `127.0.0.1:5000`, `[::1]:5000`. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}
