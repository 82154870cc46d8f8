import type { Dispatcher } from 'undici'
import type { Bytes } from '../io/bytes.js'
import { codedError } from '../io/coded-error.js'
import { Body } from './body.js'
import { decoderOf } from './content-encoding.js'
import { contentLength, type HttpAnswer, type HttpRequest } from './http.js'
import { networkError, type Stage } from './network-error.js'
import { Pace } from './pace.js'
import type { ReceiveBuffers } from './receive-buffers.js'
import type { Timeouts } from './settings.js'

export interface ExchangeOptions {
  buffers: ReceiveBuffers
  proxy: URL | undefined
  /** Whether a connection is used again after the answer to a HEAD. */
  keepsAfterHead: boolean
}

/**
 * One request and the head of its answer. The handler is undici's lowest level: its `request` puts a stream
 * between, which joins waiting chunks by copying them.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  timeouts: Timeouts,
  { buffers, proxy, keepsAfterHead }: ExchangeOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(request, timeouts, buffers, proxy, resolve, reject)
    try {
      dispatcher.dispatch(
        {
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          // undici's way through a proxy adds the host to the object that it is given.
          headers: { ...request.headers },
          body: bodyOf(request, () => handler.sent()),
          headersTimeout: request.answerTimeout ?? timeouts.headers,
          bodyTimeout: timeouts.bodyIdle,
          // For undici HEAD is the end of a connection, as a wrong server may send a body.
          ...(request.method === 'HEAD' ? { reset: !keepsAfterHead } : {}),
        },
        handler,
      )
    } catch (error) {
      handler.fail(error)
    }
  })
}

type DispatchBody = NonNullable<Dispatcher.DispatchOptions['body']>

/** undici takes async iterables, as its documentation says; the types of `dispatch` leave them out. */
function bodyOf({ body }: HttpRequest, sent: () => void): DispatchBody | null {
  if (typeof body !== 'function') return body ?? null
  return telling(body(), sent) as unknown as DispatchBody
}

async function* telling(bytes: Bytes, sent: () => void): Bytes {
  yield* bytes
  sent()
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined
  private body: Body | undefined
  private stage: Stage = 'connecting'
  private settled = false
  private isSent = false
  /** By a 1xx. */
  private isAnnounced = false
  private head: NodeJS.Timeout | undefined
  private readonly onAbort = () => this.abort(new Error('aborted'))

  constructor(
    readonly request: HttpRequest,
    readonly timeouts: Timeouts,
    readonly buffers: ReceiveBuffers,
    readonly proxy: URL | undefined,
    readonly resolve: (answer: HttpAnswer) => void,
    readonly reject: (error: unknown) => void,
  ) {
    request.signal?.addEventListener('abort', this.onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    this.stage = 'waiting'
    if (this.settled) controller.abort(new Error('nobody waits for this answer'))
    else if (typeof this.request.body !== 'function') this.sent()
  }

  /** All of the request is on its way. */
  sent(): void {
    this.isSent = true
    this.expectHead()
  }

  /**
   * undici restarts its timeout with each 1xx, and those may never end: after the first one the answer is
   * due.
   */
  private expectHead(): void {
    if (this.settled || this.head || !this.isSent || !this.isAnnounced) return
    this.head = setTimeout(
      () => this.abort(codedError('UND_ERR_HEADERS_TIMEOUT', 'no answer')),
      this.request.answerTimeout ?? this.timeouts.headers,
    )
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    if (this.settled || !this.take(sizeOf(headers))) return
    if (status < 200) {
      this.isAnnounced = true
      this.expectHead()
      return
    }
    this.stage = 'reading'
    this.settle()
    const pace = new Pace(this.timeouts.bodyIdle)
    const asError = (error: unknown) => this.asError(error)
    this.body = new Body(
      controller,
      this.buffers,
      asError,
      contentLength({ headers }),
      pace,
      decoderOf(headers),
    )
    this.body.onDone = () => this.forgetSignal()
    const { request } = this
    this.resolve({ status, headers, url: request.url, request, body: this.body })
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.take(chunk.length)) this.body?.push(chunk)
  }

  onResponseEnd(): void {
    this.body?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error)
  }

  /** Ends the exchange with an error: the promise before the head has come, the body after it. */
  fail(error: unknown): void {
    if (this.body) this.body.fail(error)
    else if (!this.settled) {
      this.settle()
      this.forgetSignal()
      this.reject(this.asError(error))
    }
  }

  /** Deducts bytes of the answer from the run's allowance. Returns whether it may go on. */
  private take(bytes: number): boolean {
    try {
      this.request.allowance?.take(bytes)
      return true
    } catch (error) {
      this.abort(error as Error)
      return false
    }
  }

  private settle(): void {
    this.settled = true
    clearTimeout(this.head)
  }

  /** A request that still waits for its connection has no controller; it is given up when it starts. */
  private abort(reason: Error): void {
    this.fail(reason)
    this.controller?.abort(reason)
  }

  private asError(error: unknown): unknown {
    const { url, signal, answerTimeout } = this.request
    const { timeouts, proxy } = this
    return networkError(error, {
      url,
      proxy,
      stage: this.stage,
      timeouts: { ...timeouts, headers: answerTimeout ?? timeouts.headers },
      signal,
    })
  }

  private forgetSignal(): void {
    this.request.signal?.removeEventListener('abort', this.onAbort)
  }
}

/** In bytes, about. */
function sizeOf(headers: HttpAnswer['headers']): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0)
}
