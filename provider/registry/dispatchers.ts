import type { Dispatcher } from 'undici'
import Agent from 'undici/lib/dispatcher/agent.js'
import { connector, tlsOptions } from './connector.js'
import type { HostCertificates } from './host-certificates.js'
import type { Reach } from './http.js'
import type { ReceiveBuffers } from './receive-buffers.js'

/** Connections to one origin at most; further requests wait for one of them. */
const CONNECTIONS = 16

export interface DispatcherOptions {
  certificates: HostCertificates
  /** For a connection, in milliseconds. */
  timeout: number
  buffers: ReceiveBuffers
  /** Told the address behind an origin after each direct connection. */
  onConnected(origin: string, address: string): void
  /** Told what broke a direct connection over TLS. */
  onBroken(origin: string, error: unknown): void
}

/** Makes undici's pools, one for each way to connect. */
export class Dispatchers {
  private readonly made = new Map<string, Dispatcher>()

  constructor(readonly options: DispatcherOptions) {}

  direct(reach: Reach): Dispatcher {
    const { timeout, buffers, onConnected, onBroken, certificates } = this.options
    const tlsOf = (host: string) => certificates.of(host)
    const connect = connector({ reach, timeout, buffers, onConnected, onBroken, tlsOf })
    return this.once(reach, () => new Agent({ connections: CONNECTIONS, connect }))
  }

  /**
   * The agent for proxies needs all of undici, which takes longer to load than a small request. There is one
   * for each host behind it, as each has certificates of its own.
   * @throws PATH_NOT_FOUND, SOURCE_INVALID for files of certificates that cannot be used
   */
  async throughProxy(proxy: URL, url: URL): Promise<Dispatcher> {
    const { ProxyAgent } = await import('undici')
    const { tunnelPool } = await import('./tunnel-pool.js')
    const { timeout, certificates } = this.options
    const tlsTo = (host: string) => ({ timeout, ...tlsOptions(certificates.of(host)) })
    return this.once(
      `${proxy.href} ${url.host}`,
      () =>
        new ProxyAgent({
          uri: proxy.href,
          connections: CONNECTIONS,
          clientFactory: tunnelPool,
          // Plain http goes to the proxy as a request of its own: few proxies tunnel to port 80.
          proxyTunnel: false,
          requestTls: tlsTo(url.host),
          proxyTls: tlsTo(proxy.host),
        }),
    )
  }

  async close(): Promise<void> {
    const all = [...this.made.values()]
    this.made.clear()
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
  }

  private once(key: string, make: () => Dispatcher): Dispatcher {
    const made = this.made.get(key) ?? make()
    this.made.set(key, made)
    return made
  }
}
