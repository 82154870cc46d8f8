import { ContainerImageError, hasCode, show } from '../../manifests/index.js'
import { isLoopbackHost } from './addresses.js'
import { AS_IT_IS } from './content-encoding.js'
import { isNotTls } from './network-error.js'
import type { Transport } from './transport.js'

/** Docker Hub's names for itself, and the host that serves its registry. */
const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])
const DOCKER_HUB_HOST = 'registry-1.docker.io'

export function isDockerHub(registry: string): boolean {
  return DOCKER_HUB.has(registry)
}

/**
 * The host[:port] at which a registry is served.
 * @throws INVALID_REFERENCE
 */
export function registryHost(registry: string): string {
  return originOf('https', isDockerHub(registry) ? DOCKER_HUB_HOST : registry).host
}

/** The repository's name as its registry wants it: Docker Hub keeps the official images below `library/`. */
export function remoteRepository(registry: string, repository: string): string {
  return isDockerHub(registry) && !repository.includes('/') ? `library/${repository}` : repository
}

/** Finds out where a registry is served: over https, or over plain http if that is allowed. */
export class Endpoints {
  private readonly known = new Map<string, Promise<URL>>()

  constructor(readonly transport: Transport) {}

  /**
   * The origin that serves a registry.
   * @param insecure whether plain http is allowed, though the host is not this machine
   * @throws SOURCE_INSECURE, and what the connection throws
   */
  async of(registry: string, insecure: boolean, signal?: AbortSignal): Promise<URL> {
    const key = `${registry} ${insecure}`
    const found = this.known.get(key) ?? this.find(registry, insecure, signal)
    this.known.set(key, found)
    try {
      return await found
    } catch (error) {
      // A failure is not remembered: the network may be back at the next request.
      if (this.known.get(key) === found) this.known.delete(key)
      // Another request asked first and was stopped; that does not stop this one.
      if (hasCode(error, 'INTERRUPTED') && !signal?.aborted) return this.of(registry, insecure, signal)
      throw error
    }
  }

  private async find(registry: string, insecure: boolean, signal: AbortSignal | undefined): Promise<URL> {
    const secure = originOf('https', isDockerHub(registry) ? DOCKER_HUB_HOST : registry)
    if (!insecure && !isLoopbackHost(secure.hostname)) return secure
    try {
      await this.greet(secure, signal)
      return secure
    } catch (error) {
      // An answer that does not come, after the handshake, is no reason to give TLS up.
      if (isAfterHandshake(error)) return secure
      // Plain http servers that are contacted with TLS answer in plain text, cut the connection, or say
      // nothing; a proxy may not tunnel to them. A certificate that is not accepted is another matter: that
      // is TLS.
      if (!hasCode(error, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT')) throw error
      return this.plain(registry, error, signal)
    }
  }

  /** Plain http, if that gets an answer; otherwise the error that https gave. */
  private async plain(registry: string, secureError: unknown, signal: AbortSignal | undefined): Promise<URL> {
    const plain = originOf('http', registry)
    try {
      await this.greet(plain, signal)
    } catch (error) {
      if (hasCode(error, 'INTERRUPTED')) throw error
      if (!isAfterHandshake(error)) throw isNotTls(secureError) ? error : secureError
    }
    return plain
  }

  private async greet(origin: URL, signal: AbortSignal | undefined): Promise<void> {
    const answer = await this.transport.send({
      method: 'GET',
      url: new URL('/v2/', origin),
      headers: { ...AS_IT_IS },
      reach: 'anywhere',
      signal,
    })
    await answer.body.discard()
  }
}

function isAfterHandshake(error: unknown): boolean {
  return error instanceof ContainerImageError && /^(waiting|reading)$/.test(String(error.details?.stage))
}

function originOf(scheme: 'http' | 'https', registry: string): URL {
  const text = `${scheme}://${registry}/`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && url.pathname === '/' && !url.username && !url.search && !url.hash) return url
  throw new ContainerImageError('INVALID_REFERENCE', `${show(registry)} is not the host of a registry.`, {
    expected: 'host[:port]',
    found: show(registry),
  })
}

/** What a connection error means when the other end does not speak TLS. */
export function plainHttpRefused(url: URL, cause: unknown): ContainerImageError {
  return new ContainerImageError('SOURCE_INSECURE', `${url.host} does not speak https.`, {
    side: 'source',
    expected: 'https',
    found: 'a server without TLS, perhaps plain http',
    cause,
  })
}
