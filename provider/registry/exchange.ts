import type { Dispatcher } from 'undici'
import { Body } from './body.js'
import { contentLength, type HttpAnswer, type HttpRequest } from './http.js'
import { networkError, type Stage } from './network-error.js'
import type { ReceiveBuffers } from './receive-buffers.js'
import type { Timeouts } from './settings.js'

/**
 * One request and the head of its answer. The handler is undici's lowest level: its `request` puts a stream
 * between, which joins waiting chunks by copying them.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  timeouts: Timeouts,
  buffers: ReceiveBuffers,
  proxy: URL | undefined,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(request, buffers, proxy, resolve, reject)
    try {
      dispatcher.dispatch(
        {
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          headers: request.headers,
          body: bodyOf(request),
          headersTimeout: request.answerTimeout ?? timeouts.headers,
          bodyTimeout: timeouts.bodyIdle,
        },
        handler,
      )
    } catch (error) {
      handler.fail(error)
    }
  })
}

/** undici takes async iterables, as its documentation says; the types of `dispatch` leave them out. */
function bodyOf({ body }: HttpRequest): NonNullable<Dispatcher.DispatchOptions['body']> | null {
  if (typeof body !== 'function') return body ?? null
  return body() as unknown as NonNullable<Dispatcher.DispatchOptions['body']>
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined
  #body: Body | undefined
  #stage: Stage = 'connecting'
  #settled = false
  readonly #onAbort = () => this.#abort()

  constructor(
    readonly request: HttpRequest,
    readonly buffers: ReceiveBuffers,
    readonly proxy: URL | undefined,
    readonly resolve: (answer: HttpAnswer) => void,
    readonly reject: (error: unknown) => void,
  ) {
    request.signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#stage = 'waiting'
    if (this.#settled) controller.abort(new Error('nobody waits for this answer'))
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    if (status < 200 || this.#settled) return
    this.#stage = 'reading'
    this.#settled = true
    const length = contentLength({ headers })
    this.#body = new Body(controller, this.buffers, (error) => this.#asError(error), length)
    this.#body.onDone = () => this.#forgetSignal()
    this.resolve({ status, headers, url: this.request.url, body: this.#body })
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk)
  }

  onResponseEnd(): void {
    this.#body?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error)
  }

  /** Ends the exchange with an error: the promise before the head has come, the body after it. */
  fail(error: unknown): void {
    if (this.#body) this.#body.fail(error)
    else if (!this.#settled) {
      this.#settled = true
      this.#forgetSignal()
      this.reject(this.#asError(error))
    }
  }

  /** A request that still waits for its connection has no controller; it is given up when it starts. */
  #abort(): void {
    const reason = new Error('aborted')
    this.fail(reason)
    this.#controller?.abort(reason)
  }

  #asError(error: unknown): unknown {
    const { url, signal } = this.request
    return networkError(error, { url, proxy: this.proxy, stage: this.#stage, signal })
  }

  #forgetSignal(): void {
    this.request.signal?.removeEventListener('abort', this.#onAbort)
  }
}
