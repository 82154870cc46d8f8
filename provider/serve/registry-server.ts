import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccessLog } from './access-log.js'
import { answer, answerJson, type Exchange } from './answer.js'
import { answerBlob, type BlobRooms } from './answer-blob.js'
import { answerCatalog, answerManifest, answerTags } from './answer-documents.js'
import { answerReferrers } from './answer-referrers.js'
import type { Authorization } from './authorization.js'
import type { Documents } from './documents.js'
import { isOwnAddress } from './listen-address.js'
import type { Counted, Metrics } from './metrics.js'
import { Refusal } from './refusal.js'
import { type Route, routeOf } from './route.js'
import type { ServedCollection, View } from './served-collection.js'
import { ClientGone } from './transfer.js'

/** What the registry is made of. */
export interface RegistryRooms extends BlobRooms {
  collection: ServedCollection
  documents: Documents
  metrics: Metrics
  log: AccessLog
  /** Undefined if everybody may read. */
  authorization: Authorization | undefined
  /** Called with what is wrong here, not with a request. */
  failed(error: unknown): void
}

/** A read-only registry: answers every request, and throws nothing. */
export class RegistryServer {
  private isStopping = false

  constructor(private readonly rooms: RegistryRooms) {}

  /** From now on each answer is the last one of its connection. */
  stopping(): void {
    this.isStopping = true
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { metrics, log } = this.rooms
    const began = performance.now()
    // RFC 9112, section 3.2.2: what proxies are asked with the host is understood as well.
    const [path = '', query = ''] = (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '').split('?', 2)
    const exchange: Exchange = {
      request,
      response,
      path,
      query: new URLSearchParams(query),
      isHead: request.method === 'HEAD',
      sent: 0,
    }
    const told: { route: Counted; user?: string; error?: string } = { route: 'other' }
    metrics.inFlight++
    // The code that writes to a client notices when it goes away.
    response.on('error', () => {})
    try {
      response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
      response.setHeader('X-Content-Type-Options', 'nosniff')
      if (this.isStopping) response.setHeader('Connection', 'close')
      const route = routeOf(request.method ?? '', path)
      told.route = route.kind
      const user = await this.userOf(exchange, route)
      if (user !== undefined) told.user = user
      await this.answer(exchange, route)
    } catch (error) {
      const reason = this.refuse(exchange, error)
      if (reason !== undefined) told.error = reason
    } finally {
      metrics.inFlight--
      metrics.bytesSent += exchange.sent
      metrics.count(told.route, request.method ?? '', response.statusCode)
      const agent = request.headers['user-agent']
      log.write({
        remote: request.socket.remoteAddress ?? '',
        method: request.method ?? '',
        path,
        status: response.statusCode,
        bytes: exchange.sent,
        ms: performance.now() - began,
        userAgent: agent,
        user: told.user,
        error: told.error,
      })
    }
  }

  /** Everything needs credentials except the health check, and the metrics for programs on this machine. */
  private async userOf({ request }: Exchange, { kind }: Route): Promise<string | undefined> {
    const { authorization, metrics } = this.rooms
    const isOpen =
      kind === 'health' || (kind === 'metrics' && isOwnAddress(request.socket.remoteAddress ?? ''))
    if (!authorization || isOpen) return undefined
    try {
      return await authorization.userOf(request.headers.authorization)
    } catch (error) {
      if (request.headers.authorization !== undefined) metrics.loginsRefused++
      throw error
    }
  }

  private async answer(exchange: Exchange, route: Route): Promise<void> {
    if (route.kind === 'base') answerJson(exchange, {})
    else if (route.kind === 'metrics')
      answer(exchange, 200, 'text/plain; version=0.0.4; charset=utf-8', this.rooms.metrics.text())
    else {
      const view = await this.rooms.collection.view()
      try {
        await this.answerFrom(view, exchange, route)
      } finally {
        await view.release()
      }
    }
  }

  private async answerFrom(
    view: View,
    exchange: Exchange,
    route: Exclude<Route, { kind: 'base' | 'metrics' }>,
  ): Promise<void> {
    const { documents } = this.rooms
    if (route.kind === 'health') {
      answerJson(exchange, { status: 'ok', repositories: view.repositories.names().length })
      return
    }
    if (route.kind === 'catalog') {
      answerCatalog(exchange, view)
      return
    }
    const namespace = exchange.query.get('ns') ?? undefined
    const repository = view.repositories.resolve(route.repository, namespace)
    // distribution-spec, "Registry Proxying": the client learns that its word for the registry was heard.
    if (namespace !== undefined && /^[\w.:-]{1,255}$/.test(namespace))
      exchange.response.setHeader('OCI-Namespace', namespace)
    if (route.kind === 'manifest')
      await answerManifest(exchange, view, documents, repository, route.reference)
    else if (route.kind === 'blob') await answerBlob(exchange, view, this.rooms, repository, route.digest)
    else if (route.kind === 'tags') answerTags(exchange, repository, route.repository)
    else await answerReferrers(exchange, view, documents, repository, route.digest)
  }

  /**
   * Answers with the error, or breaks the connection where an answer has begun: a client must not take what it got
   * for the whole.
   * @returns what the log says of it
   */
  private refuse(exchange: Exchange, error: unknown): string | undefined {
    const { request, response } = exchange
    const { metrics, failed } = this.rooms
    if (error instanceof ClientGone) {
      response.destroy()
      return 'the client closed the connection'
    }
    const refusal = error instanceof Refusal ? error : undefined
    if (!refusal) {
      metrics.failures++
      failed(error)
    }
    if (response.headersSent) {
      request.socket.destroy()
      return `broken off: ${(error as Error).message}`
    }
    const shown = refusal ?? new Refusal(500, 'UNKNOWN', 'This registry cannot read what was asked for.')
    // An announced body is not read: a client that pushes has to stop.
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    answer(exchange, shown.status, 'application/json', shown.body(), {
      ...shown.headers,
      ...(hasBody ? { Connection: 'close' } : {}),
    })
    return refusal ? undefined : (error as Error).message
  }
}
