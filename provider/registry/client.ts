import { ContainerImageError, show } from '../../manifests/index.js'
import type { Access } from './access.js'
import { answerError } from './answer-error.js'
import { Authorization } from './authorization.js'
import { Courier } from './courier.js'
import { Credentials } from './credentials.js'
import { Endpoints, plainHttpRefused, remoteRepository } from './endpoints.js'
import type { HttpAnswer, HttpRequest, Reach } from './http.js'
import { isNotTls } from './network-error.js'
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
  /** Where the registry itself said to go on (Link, Location); must be of its own origin. Replaces the path. */
  url?: URL
  method?: HttpRequest['method']
  /** What a token is asked for; `pull` where left out. */
  actions?: Access['actions']
  /** Another repository of the registry, which the answer may take a blob from. */
  mountFrom?: string
  headers?: Record<string, string>
  body?: HttpRequest['body']
  /** In milliseconds, where an answer may take longer than others. */
  answerTimeout?: number
  /** Not sent again after an answer or a failure that may pass: what came of it must be found out first. */
  once?: boolean
  /** Plain http is allowed to this registry, beside what the client allows. */
  insecure?: boolean
  /** For messages: what is asked for. */
  subject: string
  /** Answers that are returned beside the good ones. */
  accept?: number[]
  signal?: AbortSignal
}

/** A request to a file on the web, which gets no credentials. */
export interface FileRequest {
  url: URL
  method?: HttpRequest['method']
  headers?: Record<string, string>
  body?: HttpRequest['body']
  answerTimeout?: number
  /** As for a registry. */
  once?: boolean
  insecure?: boolean
  /** For messages: what is asked for. */
  subject: string
  /** Answers that are returned beside the good ones. */
  accept?: number[]
  /** A condition on the URL and on each that it is redirected to; throws where it is not met. */
  allow?: (url: URL) => void
  /** Which addresses may be connected to. */
  reach?: HttpRequest['reach']
  signal?: AbortSignal
}

/**
 * Speaks the distribution-spec's protocol to any number of registries: one for a process or a verb. It
 * keeps connections and tokens, in memory only, until it is closed.
 */
export class RegistryClient {
  readonly timeouts: Timeouts
  readonly retry: RetryPolicy
  readonly #transport: Transport
  readonly #courier: Courier
  readonly #endpoints: Endpoints
  readonly #authorization: Authorization

  constructor(readonly options: ClientOptions = {}) {
    const environment = options.environment ?? process.env
    const note = (message: string) => this.note(message)
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts }
    this.retry = { ...DEFAULT_RETRY, ...options.retry }
    this.#transport = new Transport(environment, this.timeouts, options.caFile)
    this.#courier = new Courier(this.#transport, this.retry, note)
    this.#endpoints = new Endpoints(this.#transport)
    const credentials = new Credentials(environment, options.dockerConfig, note)
    this.#authorization = new Authorization(this.#courier, credentials)
  }

  /** A line for the reader, such as a retry. */
  note(message: string): void {
    this.options.onNote?.(message)
  }

  /**
   * Sends a request to a registry, with credentials where it wants them and again where that may help, and
   * returns the answer if it is a good one.
   * @throws UNAUTHORIZED, NOT_FOUND, RATE_LIMITED, REGISTRY_ERROR, REDIRECT_REFUSED, SOURCE_INSECURE,
   * CERTIFICATE_UNTRUSTED, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, INTERRUPTED; all with side `source`
   */
  async request(request: RegistryRequest): Promise<HttpAnswer> {
    const insecure = this.#insecure(request)
    const origin = await this.#endpoints.of(request.registry, insecure, request.signal)
    const access = accessOf(origin, request)
    const http = registryRequest(origin, request)
    const answer = await this.#answer(http, () => this.#authorized(http, access, insecure), request.once)
    if (isWanted(answer, request.accept)) return answer
    throw await answerError(answer, {
      subject: request.subject,
      withCredentials: answer.status === 401 && (await this.#authorization.hasCredentials(access)),
    })
  }

  /**
   * Sends a request and takes the whole of its answer; both again where the connection breaks on the way.
   * @throws as `request` does, and what `take` throws
   */
  receive<T>(request: RegistryRequest, take: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    return this.#courier.receive(() => this.request(request), take, request.signal)
  }

  /** Fetches a file from the web, without credentials. @throws as `request` does */
  async fetchFile(request: FileRequest): Promise<HttpAnswer> {
    const insecure = this.#insecure(request)
    request.allow?.(request.url)
    const http: HttpRequest = {
      method: request.method ?? 'GET',
      url: request.url,
      headers: { 'user-agent': 'containerimage', ...request.headers },
      reach: request.reach ?? 'anywhere',
      ...sendingOf(request),
      ...(request.signal ? { signal: request.signal } : {}),
    }
    const rules = { insecure, ...(request.allow ? { allow: request.allow } : {}) }
    const answer = await this.#answer(http, () => this.#courier.send(http, rules), request.once)
    if (isWanted(answer, request.accept)) return answer
    throw await answerError(answer, { subject: request.subject, remedy: FILE_REMEDIES[answer.status] })
  }

  /** Where a registry may lead to: out of a public network never into a private one. */
  reachFrom(origin: URL): Reach {
    return this.#transport.isPrivate(origin) ? 'anywhere' : 'public'
  }

  /** Hangs up. Requests that are under way fail. */
  async close(): Promise<void> {
    await this.#transport.close()
  }

  #insecure(request: { insecure?: boolean }): boolean {
    return request.insecure === true || this.options.insecure === true
  }

  async #answer(http: HttpRequest, send: () => Promise<HttpAnswer>, once = false): Promise<HttpAnswer> {
    try {
      return await (once ? send() : this.#courier.patiently(http, send))
    } catch (error) {
      if (http.url.protocol === 'https:' && isNotTls(error)) throw plainHttpRefused(http.url, error)
      throw error
    }
  }

  /** Sends with what is known, and once more with new credentials where the registry itself wants them. */
  async #authorized(http: HttpRequest, access: Access, insecure: boolean): Promise<HttpAnswer> {
    const used = this.#authorization.known(access)
    const answer = await this.#courier.send(withAuthorization(http, used), { insecure })
    // A challenge of a host that it was redirected to is nobody's to answer (go-containerregistry PR 2349).
    if (answer.status !== 401 || answer.url.origin !== http.url.origin) return answer
    const renewed = await this.#authorization.renew(access, answer, used)
    if (renewed === undefined) return answer
    await answer.body.discard()
    return this.#courier.send(withAuthorization(http, renewed), { insecure })
  }
}

/** A file on the web is asked for without credentials, so that logging in does not help. */
const FILE_REMEDIES: Record<number, string> = {
  401: 'Check the URL; a token in it may have expired.',
  403: 'Check the URL; a token in it may have expired.',
  404: 'Check the URL.',
}

function isWanted(answer: HttpAnswer, accepted: number[] | undefined): boolean {
  return (answer.status >= 200 && answer.status < 300) || accepted?.includes(answer.status) === true
}

function withAuthorization(http: HttpRequest, authorization: string | undefined): HttpRequest {
  return authorization === undefined ? http : { ...http, headers: { ...http.headers, authorization } }
}

function accessOf(origin: URL, request: RegistryRequest): Access {
  const { registry, repository, mountFrom, signal } = request
  return {
    registry,
    origin,
    ...(mountFrom === undefined ? {} : { mountFrom: remoteRepository(registry, mountFrom) }),
    ...(repository === undefined ? {} : { repository: remoteRepository(registry, repository) }),
    actions: request.actions ?? 'pull',
    ...(signal ? { signal } : {}),
  }
}

function registryRequest(origin: URL, request: RegistryRequest): HttpRequest {
  return {
    method: request.method ?? 'GET',
    url: urlOf(origin, request),
    headers: { 'user-agent': 'containerimage', ...request.headers },
    reach: 'anywhere',
    ...sendingOf(request),
    ...(request.signal ? { signal: request.signal } : {}),
  }
}

function sendingOf({
  body,
  answerTimeout,
}: Pick<HttpRequest, 'body' | 'answerTimeout'>): Pick<HttpRequest, 'body' | 'answerTimeout'> {
  return {
    ...(body === undefined ? {} : { body }),
    ...(answerTimeout === undefined ? {} : { answerTimeout }),
  }
}

/** A URL from an answer may name any host; the credentials that go there are for this registry only. */
function urlOf(origin: URL, { registry, repository, path, url }: RegistryRequest): URL {
  if (!url) {
    const below = repository === undefined ? path : `${remoteRepository(registry, repository)}/${path}`
    return new URL(`/v2/${below}`, origin)
  }
  if (url.origin === origin.origin && !url.username && !url.password) return url
  throw new ContainerImageError('REDIRECT_REFUSED', `${registry} leads to another host for the rest.`, {
    side: 'source',
    expected: origin.origin,
    found: show(url.origin),
  })
}
