import type { SecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import Agent from 'undici/lib/dispatcher/agent.js'
import { authorities } from './authorities.js'
import { connector } from './connector.js'
import type { Reach } from './http.js'
import type { ReceiveBuffers } from './receive-buffers.js'

/** Connections to one origin at most; further requests wait for one of them. */
const CONNECTIONS = 16

export interface DispatcherOptions {
  environment: NodeJS.ProcessEnv
  caFile: string | undefined
  /** For a connection, in milliseconds. */
  timeout: number
  buffers: ReceiveBuffers
  /** Told the address behind an origin after each direct connection. */
  onConnected(origin: string, address: string): void
}

/** Makes undici's pools, one for each way to connect. */
export class Dispatchers {
  readonly #made = new Map<string, Dispatcher>()
  readonly #secureContext: SecureContext | undefined

  /** @throws PATH_NOT_FOUND, SOURCE_INVALID for a file of authorities that cannot be used */
  constructor(readonly options: DispatcherOptions) {
    this.#secureContext = authorities(options.caFile, options.environment)
  }

  direct(reach: Reach): Dispatcher {
    const { timeout, buffers, onConnected } = this.options
    const connect = connector({ reach, timeout, buffers, onConnected, secureContext: this.#secureContext })
    return this.#once(reach, () => new Agent({ connections: CONNECTIONS, connect }))
  }

  /** The agent for proxies needs all of undici, which takes longer to load than a small request. */
  async throughProxy(proxy: URL): Promise<Dispatcher> {
    const { ProxyAgent } = await import('undici')
    const tls = {
      timeout: this.options.timeout,
      ...(this.#secureContext ? { secureContext: this.#secureContext } : {}),
    }
    return this.#once(
      proxy.href,
      () =>
        new ProxyAgent({
          uri: proxy.href,
          connections: CONNECTIONS,
          // Plain http goes to the proxy as a request of its own: few proxies tunnel to port 80.
          proxyTunnel: false,
          requestTls: tls,
          proxyTls: tls,
        }),
    )
  }

  async close(): Promise<void> {
    const all = [...this.#made.values()]
    this.#made.clear()
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
  }

  #once(key: string, make: () => Dispatcher): Dispatcher {
    const made = this.#made.get(key) ?? make()
    this.#made.set(key, made)
    return made
  }
}
