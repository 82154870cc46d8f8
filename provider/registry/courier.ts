import { hasCode, throwIfAborted } from '../../manifests/index.js'
import type { HttpAnswer, HttpRequest } from './http.js'
import { type RedirectRules, sendFollowing } from './redirects.js'
import { backOff, isLimit, isPassing, isPassingError, pause, retryAfter } from './retry.js'
import type { RetryPolicy } from './settings.js'
import type { Transport } from './transport.js'

/** A server that has once been silent for this long is asked once more, not as often as one that answers. */
const RETRIES_OF_SILENCE = 1

/** Sends requests patiently: follows redirects, and repeats them if that may help. */
export class Courier {
  constructor(
    readonly transport: Transport,
    readonly retry: RetryPolicy,
    readonly note: (message: string) => void,
  ) {}

  /**
   * One request along its redirects.
   * @throws REDIRECT_REFUSED and what the transport throws
   */
  send(request: HttpRequest, rules: RedirectRules): Promise<HttpAnswer> {
    return sendFollowing(this.transport, request, rules)
  }

  /** Repeats what may pass: a busy server's answer, and a connection that was made and then broke. */
  async patiently(
    request: Pick<HttpRequest, 'url' | 'signal' | 'allowance'>,
    send: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      let wait = backOff(attempt, this.retry)
      try {
        const answer = await send()
        if (!(isPassing(answer.status) || isLimit(answer)) || attempt > this.retry.retries) return answer
        wait = retryAfter(answer) ?? wait
        if (wait > this.longestPause(request)) return answer
        await answer.body.discard()
        this.note(`${request.url.host} answers with status ${answer.status}; trying again${later(wait)}.`)
      } catch (error) {
        if (!isPassingError(error) || attempt > this.retriesAfter(error, request.url)) throw error
        throwIfAborted(request.signal)
        this.note(`${error.message} Trying again.`)
      }
      await pause(wait, request.signal)
    }
  }

  /** Gets an answer and takes what is in it; both again if the connection breaks on the way. */
  async receive<T>(
    get: () => Promise<HttpAnswer>,
    take: (answer: HttpAnswer) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const answer = await get()
      try {
        return await take(answer)
      } catch (error) {
        if (!isPassingError(error) || attempt > this.retriesAfter(error)) throw error
        throwIfAborted(signal)
        this.note(`${error.message} Trying again.`)
      }
      await pause(backOff(attempt, this.retry), signal)
    }
  }

  /** Waiting longer than the run may still take is pointless. */
  private longestPause({ allowance }: Pick<HttpRequest, 'allowance'>): number {
    return Math.min(this.retry.longestPause, allowance?.left ?? this.retry.longestPause)
  }

  /**
   * A host that cannot be connected to, and never could, is reported at once: without a network nobody wants
   * to wait for several attempts. Nor is a very slow host asked for a document again: it had its time.
   */
  private retriesAfter(error: { details?: Record<string, unknown> }, url?: URL): number {
    const stage = error.details?.stage
    if (stage === 'crawling') return 0
    // A proxy that closes the connection was reachable after all.
    const isCut = error.details?.code === 'TUNNEL_CUT'
    if (stage === 'connecting' && !isCut && url && !this.transport.hasAnswered(url)) return 0
    return hasCode(error, 'NETWORK_TIMEOUT')
      ? Math.min(RETRIES_OF_SILENCE, this.retry.retries)
      : this.retry.retries
  }
}

/** ` in 59 seconds`, if that is worth mentioning. */
function later(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 5 ? '' : ` in ${seconds} seconds`
}
