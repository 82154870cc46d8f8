import { ContainerImageError } from '../../manifests/index.js'
import type { HttpRequest } from './http.js'
import { isNotHttp } from './network-error.js'

/**
 * Which servers keep to it that an answer to HEAD has no body. With those that do, connections are used again after HEAD,
 * as every other client does. What a wrong server sends then is closed with its connection if it comes at once; if it comes
 * late, it stands where the answer to the next request is expected, and that is no HTTP.
 */
export class AfterHead {
  /** The origins that have been asked by HEAD on connections that were kept. */
  private readonly asked = new Set<string>()
  /** Those of them that have sent something else than an answer since then. */
  private readonly wrong = new Set<string>()

  /** Whether the connection of this request is kept after it. */
  keeps({ method, url }: Pick<HttpRequest, 'method' | 'url'>): boolean {
    if (method !== 'HEAD') return true
    if (this.wrong.has(url.origin)) return false
    this.asked.add(url.origin)
    return true
  }

  /**
   * The same error, or if what came instead of an answer may be a body after HEAD, that of a broken connection: another
   * one is as good as new.
   */
  blamed(error: unknown, { origin, host }: URL): unknown {
    if (!isNotHttp(error) || !this.asked.has(origin)) return error
    this.wrong.add(origin)
    const { side, cause, details } = error
    return new ContainerImageError(
      'NETWORK_UNREACHABLE',
      `${host} cannot be reached: what it sends does not belong to an answer.`,
      { side, cause, details },
    )
  }
}
