import {
  type LookupAddress,
  type LookupAllOptions,
  type LookupOptions,
  lookup as systemLookup,
} from 'node:dns'
import type { Socket } from 'node:net'
import buildConnector from 'undici/lib/core/connect.js'
import { ContainerImageError } from '../../manifests/index.js'
import { isPrivateAddress, isPrivateByName } from './addresses.js'
import type { HostTls } from './host-certificates.js'
import type { Reach } from './http.js'
import type { ReceiveBuffers } from './receive-buffers.js'

export interface ConnectorOptions {
  reach: Reach
  /** In milliseconds. */
  timeout: number
  /** The settings for TLS to a host; throws if its files cannot be used. */
  tlsOf(host: string): HostTls
  buffers: ReceiveBuffers
  /** Called after each connection with the address behind an origin. */
  onConnected(origin: string, address: string): void
  /** Called with what broke a TLS connection after it was made; undici only says that it was closed. */
  onBroken(origin: string, error: unknown): void
  /** How names become addresses; default: the system's way. */
  lookup?: Lookup
}

type Lookup = (hostname: string, options: LookupAllOptions, callback: LookupCallback) => void
type LookupCallback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

type Connector = ReturnType<typeof buildConnector>
type Callback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/** Small, so that a slow sender's small chunks do not each occupy a large buffer while nobody reads them. */
const SOCKET_BUFFER = 16 * 1024

/** Opens direct connections, and none to an address that is out of reach. */
export function connector(options: ConnectorOptions): Connector {
  const settings = {
    timeout: options.timeout,
    lookup: options.reach === 'public' ? publicLookup(options.lookup ?? systemLookup) : undefined,
  }
  const secure = secureConnectors(settings, options.tlsOf)
  return (target, callback) => {
    if (options.reach === 'public' && isPrivateByName(target.hostname)) {
      callback(outOfReach(target.hostname), null)
      return
    }
    const isSecure = target.protocol === 'https:'
    let connect: Connector
    try {
      connect = isSecure ? secure(target.host ?? target.hostname) : pooled(settings, options.buffers)
    } catch (error) {
      callback(error as Error, null)
      return
    }
    connect(target, (...[error, socket]) => {
      if (error) return callback(error, null)
      const origin = `${target.protocol}//${target.host}`
      if (socket.remoteAddress) options.onConnected(origin, socket.remoteAddress)
      // Where TLS 1.3 is spoken, a certificate is missed only after the handshake (RFC 8446 section 4.4.2.4).
      if (isSecure) socket.once('error', (broken) => options.onBroken(origin, broken))
      return callback(null, socket)
    })
  }
}

/**
 * A connector for each host: sessions of TLS are kept by name, without the port, and one that was made with a
 * certificate of one's own must not be resumed with another server on the same host.
 */
function secureConnectors(settings: object, tlsOf: (host: string) => HostTls): (host: string) => Connector {
  const made = new Map<string, Connector>()
  return (host) => {
    const connect = made.get(host) ?? buildConnector({ ...settings, ...tlsOptions(tlsOf(host)) })
    made.set(host, connect)
    return connect
  }
}

/** A host's TLS in the words of Node's tls.connect. */
export function tlsOptions({ secureContext, verified }: HostTls) {
  return { secureContext, rejectUnauthorized: verified }
}

/**
 * A connector for one plain connection that reads into lent buffers. TLS has no use for them: it decrypts
 * into memory of its own.
 */
function pooled(settings: object, buffers: ReceiveBuffers): Connector {
  return buildConnector({
    ...settings,
    highWaterMark: SOCKET_BUFFER,
    onread: {
      buffer: () => buffers.take(),
      callback(this: Socket, count: number, buffer: Uint8Array): boolean {
        return this.push(buffer.subarray(0, count))
      },
    },
  } as unknown as buildConnector.BuildOptions)
}

/**
 * Looks a name up and leaves out the addresses that are not public. The check is made here, when the
 * connection is, because a name may mean something else a moment later (DNS rebinding).
 */
function publicLookup(lookup: Lookup) {
  return (hostname: string, options: LookupOptions, callback: Callback): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const allowed = addresses.filter((a) => !isPrivateAddress(a.address))
      const first = allowed[0]
      if (!first) return callback(outOfReach(hostname), [])
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }
}

function outOfReach(hostname: string): ContainerImageError {
  return new ContainerImageError(
    'REDIRECT_REFUSED',
    `${hostname} is inside a private network, and a public host may not lead there.`,
    { side: 'source', expected: 'a public address', found: hostname },
  )
}
