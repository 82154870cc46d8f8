import { answerError } from './answer-error.js'
import { Endpoints, plainHttpRefused, remoteRepository } from './endpoints.js'
import type { HttpAnswer, HttpRequest } from './http.js'
import { isNotTls } from './network-error.js'
import { sendFollowing } from './redirects.js'
import { backOff, isPassing, isPassingError, pause, retryAfter } from './retry.js'
import {
  type ClientOptions,
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  type RetryPolicy,
  type Timeouts,
} from './settings.js'
import { Transport } from './transport.js'

/** A request to a registry, in the words of the distribution-spec. */
export interface RegistryRequest {
  /** host[:port], or `docker.io`. */
  registry: string
  /** Undefined for what belongs to no repository, such as the catalog. */
  repository?: string
  /** Below `/v2/`, or below `/v2/<repository>/` where there is one: `manifests/latest`. May have a query. */
  path: string
  method?: HttpRequest['method']
  headers?: Record<string, string>
  /** Plain http is allowed to this registry, beside what the client allows. */
  insecure?: boolean
  /** For messages: what is asked for. */
  subject: string
  /** Answers that are returned beside the good ones. */
  accept?: number[]
  signal?: AbortSignal
}

/**
 * Speaks the distribution-spec's protocol to any number of registries: one for a process or a verb. It
 * keeps connections and tokens, in memory only, until it is closed.
 */
export class RegistryClient {
  readonly timeouts: Timeouts
  readonly retry: RetryPolicy
  readonly transport: Transport
  readonly #endpoints: Endpoints

  constructor(readonly options: ClientOptions = {}) {
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts }
    this.retry = { ...DEFAULT_RETRY, ...options.retry }
    this.transport = new Transport(options.environment ?? process.env, this.timeouts, options.caFile)
    this.#endpoints = new Endpoints(this.transport)
  }

  note(message: string): void {
    this.options.onNote?.(message)
  }

  /**
   * Sends a request, again where that may help, and returns the answer if it is a good one.
   * @throws UNAUTHORIZED, NOT_FOUND, RATE_LIMITED, REGISTRY_ERROR, REDIRECT_REFUSED, SOURCE_INSECURE,
   * CERTIFICATE_UNTRUSTED, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, INTERRUPTED; all with side `source`
   */
  async request(request: RegistryRequest): Promise<HttpAnswer> {
    const insecure = request.insecure === true || this.options.insecure === true
    const origin = await this.#endpoints.of(request.registry, insecure, request.signal)
    const http = httpRequest(origin, request)
    const answer = await this.#patiently(http, () => sendFollowing(this.transport, http, { insecure }))
    if (answer.status >= 200 && answer.status < 300) return answer
    if (request.accept?.includes(answer.status)) return answer
    throw await answerError(answer, request.subject)
  }

  /** Repeats what may pass: a busy server, and a connection to a host that has answered before. */
  async #patiently(request: HttpRequest, send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      let wait = backOff(attempt, this.retry)
      try {
        const answer = await send()
        if (!isPassing(answer.status) || attempt > this.retry.retries) return answer
        wait = retryAfter(answer) ?? wait
        if (wait > this.retry.longestPause) return answer
        await answer.body.discard()
        this.note(`${request.url.host} answers with status ${answer.status}; trying again.`)
      } catch (error) {
        if (isNotTls(error) && request.url.protocol === 'https:') throw plainHttpRefused(request.url, error)
        const again = isPassingError(error) && this.transport.hasAnswered(request.url)
        if (!again || attempt > this.retry.retries) throw error
        this.note(`${error.message} Trying again.`)
      }
      await pause(wait, request.signal)
    }
  }

  /** Hangs up. Requests that are under way fail. */
  async close(): Promise<void> {
    await this.transport.close()
  }
}

function httpRequest(origin: URL, request: RegistryRequest): HttpRequest {
  const below = request.repository
    ? `${remoteRepository(request.registry, request.repository)}/${request.path}`
    : request.path
  return {
    method: request.method ?? 'GET',
    url: new URL(`/v2/${below}`, origin),
    headers: { 'user-agent': 'containerimage', ...request.headers },
    reach: 'anywhere',
    ...(request.signal ? { signal: request.signal } : {}),
  }
}
