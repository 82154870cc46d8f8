import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import { isPrivateAddress, isPrivateByName } from './addresses.js'
import { AfterHead } from './after-head.js'
import type { Dispatchers } from './dispatchers.js'
import { exchange } from './exchange.js'
import { HostCertificates, type HostCertificatesOptions } from './host-certificates.js'
import type { HttpAnswer, HttpRequest } from './http.js'
import { wantsCertificate } from './network-error.js'
import { proxyFor } from './proxy.js'
import { ReceiveBuffers } from './receive-buffers.js'
import type { Timeouts } from './settings.js'

/**
 * Sends single requests and returns single answers: connections, proxies, certificates and time limits,
 * and nothing that belongs to registries. Connections are made when they are first needed.
 */
export class Transport {
  private dispatchers: Promise<Dispatchers> | undefined
  private readonly private = new Map<string, boolean>()
  private readonly answered = new Set<string>()
  /** What last broke a connection to an origin. */
  private readonly broken = new Map<string, unknown>()
  private readonly buffers = new ReceiveBuffers()
  private readonly afterHead = new AfterHead()

  constructor(
    readonly environment: NodeJS.ProcessEnv,
    readonly timeouts: Timeouts,
    readonly certificates: Omit<HostCertificatesOptions, 'environment'>,
  ) {}

  /** @throws the network errors, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED (out of reach), INTERRUPTED */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    throwIfAborted(request.signal)
    const proxy = proxyFor(request.url, this.environment)
    const dispatcher = await this.dispatcher(request, proxy)
    const { buffers, afterHead } = this
    const keepsAfterHead = afterHead.keeps(request)
    const options = { buffers, proxy, keepsAfterHead }
    const answer = await exchange(dispatcher, request, this.timeouts, options).catch((error) => {
      const broken = this.broken.get(request.url.origin)
      throw (broken && wantsCertificate(broken, request.url, error)) ?? afterHead.blamed(error, request.url)
    })
    this.answered.add(request.url.origin)
    return answer
  }

  /** Whether this origin has answered before: if it then falls silent, it is worth another try. */
  hasAnswered(url: URL): boolean {
    return this.answered.has(url.origin)
  }

  /**
   * Whether a host is inside a private network. Behind a proxy only its name can show it; if it is unknown,
   * the host counts as public, which allows less.
   */
  isPrivate(url: URL): boolean {
    return this.private.get(url.origin) ?? isPrivateByName(url.hostname)
  }

  async close(): Promise<void> {
    const dispatchers = await this.dispatchers?.catch(() => undefined)
    this.dispatchers = undefined
    await dispatchers?.close()
  }

  private async dispatcher({ url, reach }: HttpRequest, proxy: URL | undefined) {
    // A proxy looks names up itself; an address or a name of this machine can still be refused here.
    if (proxy && reach === 'public' && isPrivateByName(url.hostname)) throw privateBehindProxy(url)
    this.dispatchers ??= this.load()
    const dispatchers = await this.dispatchers
    return proxy ? await dispatchers.throughProxy(proxy, url) : dispatchers.direct(reach)
  }

  /** Loaded with the first request: most runs of the program send none. */
  private async load(): Promise<Dispatchers> {
    const { Dispatchers } = await import('./dispatchers.js')
    const { environment } = this
    return new Dispatchers({
      certificates: new HostCertificates({ ...this.certificates, environment }),
      timeout: this.timeouts.connect,
      buffers: this.buffers,
      onConnected: (origin, address) => {
        this.private.set(new URL(origin).origin, isPrivateAddress(address))
      },
      onBroken: (origin, error) => this.broken.set(new URL(origin).origin, error),
    })
  }
}

function privateBehindProxy(url: URL): ContainerImageError {
  return new ContainerImageError(
    'REDIRECT_REFUSED',
    `${url.host} is inside a private network, and a public host may not lead there.`,
    { side: 'source', expected: 'a public address', found: url.host },
  )
}
