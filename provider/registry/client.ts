import { ContainerImageError, show } from '../../manifests/index.js'
import type { Access } from './access.js'
import { type Allowance, type AllowanceKind, Allowances } from './allowance.js'
import { answerError } from './answer-error.js'
import { Authorization, isTokenOver } from './authorization.js'
import { AS_IT_IS } from './content-encoding.js'
import { Courier } from './courier.js'
import { Credentials } from './credentials.js'
import { Endpoints, plainHttpRefused, registryHost, remoteRepository } from './endpoints.js'
import type { HostCertificatesOptions } from './host-certificates.js'
import type { HttpAnswer, HttpRequest, Reach } from './http.js'
import { upstreamBarred } from './mirror-error.js'
import { Mirrored } from './mirrored.js'
import { type Mirror, Mirrors } from './mirrors.js'
import { isNotTls, naming } from './network-error.js'
import type { FileRequest, RegistryRequest } from './request.js'
import {
  BRIEF,
  type ClientOptions,
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  type RetryPolicy,
  type Timeouts,
} from './settings.js'
import { Transport } from './transport.js'

export type { FileRequest, RegistryRequest } from './request.js'

/**
 * Speaks the distribution-spec's protocol to any number of registries: one for a process or a verb. It
 * keeps connections and tokens, in memory only, until it is closed.
 */
export class RegistryClient {
  readonly timeouts: Timeouts
  readonly retry: RetryPolicy
  /** By registry: which page size it accepts, if it refused a larger one. */
  readonly pageSizes = new Map<string, number>()
  private readonly transport: Transport
  private readonly courier: Courier
  /** For mirrors, while there are others to ask. */
  private readonly hurried: Courier
  /** For requests whose answers are not essential. */
  private readonly brief: Courier
  private readonly mirrors: Mirrors
  private readonly mirrored: Mirrored
  private readonly endpoints: Endpoints
  private readonly authorization: Authorization
  private readonly credentials: Credentials
  private readonly allowances: Allowances

  constructor(readonly options: ClientOptions = {}) {
    const environment = options.environment ?? process.env
    const note = (message: string) => this.note(message)
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts }
    this.retry = { ...DEFAULT_RETRY, ...options.retry }
    this.mirrors = new Mirrors(options.mirrors ?? {})
    this.transport = new Transport(environment, this.timeouts, this.certificates())
    this.courier = new Courier(this.transport, this.retry, note)
    this.hurried = new Courier(
      this.transport,
      { ...this.retry, retries: Math.min(1, this.retry.retries) },
      note,
    )
    const { retries, longestPause } = this.retry
    this.brief = new Courier(
      this.transport,
      {
        ...this.retry,
        retries: Math.min(BRIEF.retries, retries),
        longestPause: Math.min(BRIEF.longestPause, longestPause),
      },
      note,
    )
    this.mirrored = new Mirrored({
      ask: (request, mirror, patient) =>
        mirror ? this.askMirror(request, mirror, patient) : this.askUpstream(request),
      hasAnswered: (origin) => this.transport.hasAnswered(origin),
      note,
    })
    this.endpoints = new Endpoints(this.transport)
    this.credentials = new Credentials(environment, options.dockerConfig, note, options.login, options.realms)
    this.allowances = new Allowances(options.bounds)
    this.authorization = new Authorization(this.courier, this.credentials, this.allowances)
  }

  private certificates(): Omit<HostCertificatesOptions, 'environment'> {
    const { caFile, clientCertificate: own } = this.options
    const hosts = this.mirrors.all.map(({ registry, setting }) => [registry, setting] as const)
    return {
      caFile,
      hosts: new Map(hosts),
      client: own && { ...own, host: registryHost(own.registry) },
    }
  }

  /** A line for the reader, such as a retry. */
  note(message: string): void {
    this.options.onNote?.(message)
  }

  /**
   * Sends a request to a registry, or first to its mirrors, with credentials if it wants them and again if that may
   * help, and returns the answer if it is a good one.
   * @throws UNAUTHORIZED, NOT_FOUND, RATE_LIMITED, REGISTRY_ERROR, REDIRECT_REFUSED, SOURCE_INSECURE,
   * CERTIFICATE_UNTRUSTED, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, MIRROR_ONLY, INTERRUPTED; all with side `source`
   */
  async request(request: RegistryRequest): Promise<HttpAnswer> {
    const places = this.mirrors.placesFor(request)
    if (places) return this.mirrored.request(request, places)
    return await this.askUpstream(request).catch((error: unknown) => {
      throw naming(error, request.subject)
    })
  }

  private async askUpstream(request: RegistryRequest): Promise<HttpAnswer> {
    const insecure = this.insecure(request)
    const origin = await this.endpoints.of(request.registry, insecure, request.signal)
    const { registry, repository } = request
    const remote = repository === undefined ? undefined : remoteRepository(registry, repository)
    const courier = this.courierOf(request)
    return this.ask(request, { registry, origin, repository: remote, insecure, courier })
  }

  /** Credentials are those of the mirror, by its own name and for its own repository. */
  private async askMirror(request: RegistryRequest, mirror: Mirror, patient: boolean): Promise<HttpAnswer> {
    const { registry, origin, prefix, setting } = mirror
    const remote = remoteRepository(request.registry, request.repository ?? '')
    return this.ask(request, {
      registry,
      origin,
      repository: prefix === '' ? remote : `${prefix}/${remote}`,
      // As in containerd: a mirror for several registries is told which of them is meant.
      namespace: prefix === '' ? request.registry : undefined,
      insecure: setting.insecure === true,
      courier: patient ? this.courierOf(request) : this.hurried,
    })
  }

  private inTime(request: RegistryRequest): RegistryRequest {
    return request.brief === true
      ? { ...request, answerTimeout: Math.min(BRIEF.answer, this.timeouts.headers) }
      : request
  }

  private courierOf({ brief }: RegistryRequest): Courier {
    return brief ? this.brief : this.courier
  }

  private async ask(request: RegistryRequest, endpoint: Endpoint): Promise<HttpAnswer> {
    const access = accessOf(endpoint, request)
    const http = registryRequest(endpoint, this.inTime(request))
    const send = () => this.authorized(http, access, endpoint)
    const answer = await this.answer(http, endpoint.courier, send, request.once)
    if (isWanted(answer, request.accept)) return answer
    throw await answerError(answer, {
      subject: request.subject,
      withCredentials: answer.status === 401 && (await this.authorization.hasCredentials(access)),
    })
  }

  /**
   * Sends a request for a document and takes the whole of its answer; both again if the connection breaks on the way.
   * Together they may take no more than a document may.
   * @throws DOCUMENT_TOO_LARGE; as `request` does, and what `take` throws
   */
  receive<T>(request: RegistryRequest, take: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    return this.allowances.within('document', request.registry, request, (bounded) =>
      this.courierOf(request).receive(() => this.request(bounded), take, bounded.signal),
    )
  }

  /**
   * What became of the credentials for a registry in the requests that were answered: it accepted them, it
   * did not ask for any, or they were withheld from a token service that cannot be shown to belong to the
   * registry.
   */
  async useOfCredentials(request: RegistryRequest): Promise<'taken' | 'not asked for' | 'withheld'> {
    const { registry, repository } = request
    if (this.credentials.withheld.has(registry)) return 'withheld'
    const insecure = this.insecure(request)
    const origin = await this.endpoints.of(registry, insecure, request.signal)
    const remote = repository === undefined ? undefined : remoteRepository(registry, repository)
    const endpoint = { registry, origin, repository: remote, insecure, courier: this.courier }
    return this.authorization.known(accessOf(endpoint, request)) === undefined ? 'not asked for' : 'taken'
  }

  /** Whether mirrors are asked for what this registry has; their lists may be shorter than its own. */
  isMirrored(registry: string): boolean {
    return this.mirrors.of(registry) !== undefined
  }

  /** What a run of several requests may take; to be closed at its end, and its signal to be used instead of the given one. */
  allowance(kind: AllowanceKind, host: string, subject: string, signal?: AbortSignal): Allowance {
    return this.allowances.open(kind, host, subject, signal)
  }

  /**
   * Fetches a file from the web, without credentials.
   * @throws as `request` does
   */
  async fetchFile(request: FileRequest): Promise<HttpAnswer> {
    const insecure = this.insecure(request)
    const allow = (url: URL) => {
      if (this.mirrors.bars(url.host, request.allow !== undefined))
        throw upstreamBarred({ registry: url.host, subject: request.subject })
      request.allow?.(url)
    }
    allow(request.url)
    const http: HttpRequest = {
      method: request.method ?? 'GET',
      url: request.url,
      headers: { 'user-agent': 'containerimage', ...AS_IT_IS, ...request.headers },
      reach: request.reach ?? 'anywhere',
      ...sendingOf(request),
      signal: request.signal,
    }
    const rules = { insecure, allow }
    const send = () => this.courier.send(http, rules)
    const answer = await this.answer(http, this.courier, send, request.once)
    if (isWanted(answer, request.accept)) return answer
    throw await answerError(answer, { subject: request.subject, remedy: FILE_REMEDIES[answer.status] })
  }

  /** Where a registry may lead to: never from a public network into a private one. */
  reachFrom(origin: URL): Reach {
    return this.transport.isPrivate(origin) ? 'anywhere' : 'public'
  }

  /** Hangs up. Requests that are under way fail. */
  async close(): Promise<void> {
    await this.transport.close()
  }

  private insecure(request: { insecure?: boolean }): boolean {
    return request.insecure === true || this.options.insecure === true
  }

  private async answer(
    http: HttpRequest,
    courier: Courier,
    send: () => Promise<HttpAnswer>,
    once = false,
  ): Promise<HttpAnswer> {
    try {
      return await (once ? send() : courier.patiently(http, send))
    } catch (error) {
      if (http.url.protocol === 'https:' && isNotTls(error)) throw plainHttpRefused(http.url, error)
      throw error
    }
  }

  /**
   * Sends with what is known, and again with new credentials if the registry itself wants them: once, or up
   * to a few times if it says that a new token has already expired. Some tokens are good for only a few
   * requests, and others in the same run use them up.
   */
  private async authorized(http: HttpRequest, access: Access, { insecure }: Endpoint): Promise<HttpAnswer> {
    let used = this.authorization.known(access)
    for (let renewals = 0; ; renewals++) {
      const answer = await this.courier.send(withAuthorization(http, used), { insecure })
      // A challenge of a host that it was redirected to is nobody's to answer (go-containerregistry PR 2349).
      if (answer.status !== 401 || answer.url.origin !== http.url.origin) return answer
      if (renewals > 0 && (renewals === MOST_RENEWALS || !isTokenOver(answer))) return answer
      const renewed = await this.authorization.renew(access, answer, used)
      if (renewed === undefined) return answer
      await answer.body.discard()
      used = renewed
    }
  }
}

/** Tokens for one request. */
const MOST_RENEWALS = 4

/** Files on the web are requested without credentials, so logging in does not help. */
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

/** One place that a request goes to. */
interface Endpoint {
  /** The name that credentials are kept under. */
  registry: string
  origin: URL
  /** As this endpoint names it. */
  repository: string | undefined
  /** The registry that a mirror is asked for. */
  namespace?: string
  insecure: boolean
  courier: Courier
}

function accessOf({ registry, origin, repository }: Endpoint, request: RegistryRequest): Access {
  const { actions, mountFrom, signal } = request
  return {
    registry,
    origin,
    mountFrom: mountFrom === undefined ? undefined : remoteRepository(registry, mountFrom),
    repository,
    actions: actions ?? 'pull',
    signal,
  }
}

function registryRequest(endpoint: Endpoint, request: RegistryRequest): HttpRequest {
  return {
    method: request.method ?? 'GET',
    url: urlOf(endpoint, request),
    headers: { 'user-agent': 'containerimage', ...AS_IT_IS, ...request.headers },
    reach: 'anywhere',
    ...sendingOf(request),
    signal: request.signal,
  }
}

type Sending = Pick<HttpRequest, 'body' | 'answerTimeout' | 'allowance'>

function sendingOf({ body, answerTimeout, allowance }: Sending): Sending {
  return {
    body,
    answerTimeout,
    allowance,
  }
}

function urlOf(endpoint: Endpoint, request: RegistryRequest): URL {
  const url = request.url ? ownUrl(endpoint, request.url) : firstUrl(endpoint, request.path)
  if (endpoint.namespace !== undefined) url.searchParams.set('ns', endpoint.namespace)
  return url
}

function firstUrl({ origin, repository }: Endpoint, path: string): URL {
  return new URL(`/v2/${repository === undefined ? path : `${repository}/${path}`}`, origin)
}

/** A URL from an answer may name any host; the credentials that go there are for this registry only. */
function ownUrl({ registry, origin }: Endpoint, url: URL): URL {
  if (url.origin === origin.origin && !url.username && !url.password) return new URL(url)
  throw new ContainerImageError('REDIRECT_REFUSED', `${registry} leads to another host for the rest.`, {
    side: 'source',
    expected: origin.origin,
    found: show(url.origin),
  })
}
