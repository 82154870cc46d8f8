import type { SecureContext } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import { isPrivateAddress, isPrivateByName } from './addresses.js'
import { authorities } from './authorities.js'
import { connector } from './connector.js'
import { exchange } from './exchange.js'
import type { HttpAnswer, HttpRequest, Reach } from './http.js'
import { proxyFor } from './proxy.js'
import { ReceiveBuffers } from './receive-buffers.js'
import type { Timeouts } from './settings.js'

/** Connections to one origin at most; further requests wait for one of them. */
const CONNECTIONS = 16

/**
 * Sends single requests and returns single answers: connections, proxies, certificates and time limits,
 * and nothing that belongs to registries. Connections are made when they are needed first.
 */
export class Transport {
  readonly #dispatchers = new Map<string, Dispatcher>()
  readonly #private = new Map<string, boolean>()
  readonly #answered = new Set<string>()
  readonly #buffers = new ReceiveBuffers()
  #authoritiesRead: { secureContext: SecureContext | undefined } | undefined

  constructor(
    readonly environment: NodeJS.ProcessEnv,
    readonly timeouts: Timeouts,
    readonly caFile: string | undefined,
  ) {}

  /** @throws the network errors, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED (out of reach), INTERRUPTED */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    throwIfAborted(request.signal)
    const proxy = proxyFor(request.url, this.environment)
    const dispatcher = this.#dispatcher(request.url, request.reach, proxy)
    const answer = await exchange(dispatcher, request, this.timeouts, this.#buffers, proxy)
    this.#answered.add(request.url.origin)
    return answer
  }

  /** Whether this origin has answered before: if it then falls silent, it is worth another try. */
  hasAnswered(url: URL): boolean {
    return this.#answered.has(url.origin)
  }

  /**
   * Whether a host is inside a private network. Behind a proxy only its name can tell; what cannot be told
   * counts as public, which allows less.
   */
  isPrivate(url: URL): boolean {
    return this.#private.get(url.origin) ?? isPrivateByName(url.hostname)
  }

  async close(): Promise<void> {
    const all = [...this.#dispatchers.values()]
    this.#dispatchers.clear()
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
  }

  #dispatcher(url: URL, reach: Reach, proxy: URL | undefined): Dispatcher {
    // A proxy looks names up itself; an address or a name of this machine can still be refused here.
    if (proxy && reach === 'public' && isPrivateByName(url.hostname)) throw privateBehindProxy(url)
    const key = proxy ? `proxy ${proxy.href}` : reach
    const existing = this.#dispatchers.get(key)
    if (existing) return existing
    const dispatcher = proxy ? this.#throughProxy(proxy) : this.#direct(reach)
    this.#dispatchers.set(key, dispatcher)
    return dispatcher
  }

  #direct(reach: Reach): Dispatcher {
    const secureContext = this.#secureContext()
    return new Agent({
      connections: CONNECTIONS,
      connect: connector({
        reach,
        timeout: this.timeouts.connect,
        ...(secureContext ? { secureContext } : {}),
        buffers: this.#buffers,
        onConnected: (origin, address) => {
          this.#private.set(new URL(origin).origin, isPrivateAddress(address))
        },
      }),
    })
  }

  #throughProxy(proxy: URL): Dispatcher {
    const secureContext = this.#secureContext()
    const tls = { timeout: this.timeouts.connect, ...(secureContext ? { secureContext } : {}) }
    return new ProxyAgent({
      uri: proxy.href,
      connections: CONNECTIONS,
      // Plain http goes to the proxy as a request of its own: few proxies tunnel to port 80.
      proxyTunnel: false,
      requestTls: tls,
      proxyTls: tls,
    })
  }

  #secureContext(): SecureContext | undefined {
    this.#authoritiesRead ??= { secureContext: authorities(this.caFile, this.environment) }
    return this.#authoritiesRead.secureContext
  }
}

function privateBehindProxy(url: URL): ContainerImageError {
  return new ContainerImageError(
    'REDIRECT_REFUSED',
    `${url.host} is inside a private network, and a public host may not lead there.`,
    { side: 'source', expected: 'a public address', found: url.host },
  )
}
