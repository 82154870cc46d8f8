import { hasCode, shortDigest } from '../../../manifests/index.js'
import type { Content } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'
import type { HttpAnswer } from '../http.js'
import { backOff, isPassing, isPassingError, pause, retryAfter } from '../retry.js'
import type { Destination } from './destination.js'
import { hasBlob } from './has-blob.js'
import { Outgoing, verifiedContent } from './outgoing.js'
import { refusal } from './refusal.js'
import { askSession, beginUpload, mustBeTaken, receivedBytes, type UploadSession } from './upload-session.js'

/** In bytes: a blob of at most this size is read before it is sent. */
const SMALL = 1024 * 1024

/**
 * In bytes. A larger blob goes in pieces from the start, so that what has arrived of it counts when a connection
 * breaks; a smaller one goes whole, which every registry takes and which costs least.
 */
const PIECES: Pieces = { above: 1024 * 1024 * 1024, bytes: 256 * 1024 * 1024 }

/** How blobs are cut. In bytes. */
export interface Pieces {
  /** Larger blobs go in pieces from the start. */
  above: number
  bytes: number
}

/** How many times longer than usual the answer may take when a registry puts a blob into its place. */
const PATIENCE = 10

/** Answers to a piece that say that the upload is not where we think it is. */
const LOST = [404, 416]

/** Answers to a piece from registries that accept only whole blobs. */
const NO_PIECES = [400, 405, 411, 415, 501]

/**
 * Uploads one blob into a repository. If a connection breaks, the registry is asked how much it has, and the
 * upload continues from there; if it has given the upload up, it starts again.
 * @param mountFrom another repository of the registry that may have it
 * @returns whether it was mounted, and nothing was sent
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH and what the source throws; what `refusal` tells, network errors
 */
export async function uploadBlob(
  destination: Destination,
  content: Content,
  mountFrom?: string,
  pieces = PIECES,
): Promise<'mounted' | 'sent'> {
  const { descriptor, signal } = content
  const session = await beginUpload(destination, descriptor, { mountFrom, signal })
  if (!session) {
    content.onBytes?.(descriptor.size, 'reused')
    return 'mounted'
  }
  await new Upload(destination, content, session, pieces).run()
  return 'sent'
}

/** An answer after which the same may succeed. */
class PassingAnswer extends Error {
  constructor(
    readonly error: Error,
    readonly wait: number | undefined,
  ) {
    super(error.message)
  }
}

class Upload {
  /** Bytes that the registry has. */
  private arrived = 0
  private inPieces: boolean
  private takesPieces = true
  private readonly outgoing: Outgoing
  private readonly subject: string

  constructor(
    readonly destination: Destination,
    readonly content: Content,
    private session: UploadSession,
    readonly pieces: Pieces,
  ) {
    this.outgoing = new Outgoing(content)
    this.subject = `blob ${content.descriptor.digest}`
    this.inPieces = content.descriptor.size > pieces.above
  }

  async run(): Promise<void> {
    const { retry } = this.destination.client
    let furthest = 0
    try {
      for (let fruitless = 0; ; ) {
        try {
          return await this.send()
        } catch (error) {
          fruitless++
          await this.afterFailure(error, fruitless > retry.retries, fruitless)
        }
        if (await this.goOn()) return
        if (this.arrived > furthest) fruitless = 0
        furthest = Math.max(furthest, this.arrived)
      }
    } finally {
      await this.outgoing.close()
    }
  }

  private async send(): Promise<void> {
    const { size } = this.content.descriptor
    if (size <= SMALL) return await this.sendSmall()
    if (!this.inPieces || !this.takesPieces) return await this.finish(this.outgoing.piece(0, size), size)
    while (this.arrived < size) await this.sendPiece()
    await this.finish(undefined, 0)
  }

  private async sendSmall(): Promise<void> {
    const { content } = this
    const bytes = await collect(verifiedContent(content)).catch((error) => {
      this.outgoing.failure = error
      throw error
    })
    await this.finish(bytes.length > 0 ? bytes : undefined, bytes.length)
    content.onBytes?.(bytes.length, 'copied')
  }

  /** Sends the last bytes, or all, and ends the upload. */
  private async finish(
    body: Uint8Array | ReturnType<Outgoing['piece']> | undefined,
    length: number,
  ): Promise<void> {
    const answer = await this.ask('PUT', body, length, this.content.descriptor.digest)
    if (LOST.includes(answer.status)) throw await this.lost(answer)
    await mustBeTaken(answer, this.destination, this.subject)
  }

  private async sendPiece(): Promise<void> {
    const from = this.arrived
    const length = Math.min(
      Math.max(this.pieces.bytes, this.session.leastPiece),
      this.content.descriptor.size - from,
    )
    const answer = await this.ask('PATCH', this.outgoing.piece(from, length), length, undefined, {
      'content-range': `${from}-${from + length - 1}`,
    })
    if (LOST.includes(answer.status)) throw await this.lost(answer)
    if (NO_PIECES.includes(answer.status)) {
      this.takesPieces = false
      throw await this.lost(answer)
    }
    await mustBeTaken(answer, this.destination, this.subject)
    this.arrived = from + length
  }

  private async ask(
    method: 'PUT' | 'PATCH',
    body: Uint8Array | ReturnType<Outgoing['piece']> | undefined,
    length: number,
    digest: string | undefined,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> {
    const { client } = this.destination
    const answer = await askSession(this.destination, this.session, {
      method,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(length), ...headers },
      answerTimeout: client.timeouts.headers * PATIENCE,
      subject: this.subject,
      signal: this.content.signal,
      body,
      digest,
    })
    if (!isPassing(answer.status)) return answer
    const wait = retryAfter(answer)
    throw new PassingAnswer(await refusal(answer, this.destination, this.subject), wait)
  }

  private async lost(answer: HttpAnswer): Promise<PassingAnswer> {
    return new PassingAnswer(await refusal(answer, this.destination, this.subject), 0)
  }

  /** Waits if it may go on; otherwise tells the registry and throws. */
  private async afterFailure(error: unknown, isEnough: boolean, attempt: number): Promise<void> {
    const { client } = this.destination
    const failure = this.outgoing.failure ?? (error instanceof PassingAnswer ? error.error : error)
    const passes =
      this.outgoing.failure === undefined && (error instanceof PassingAnswer || isPassingError(error))
    if (!passes || isEnough) {
      if (!isPassingError(failure)) await this.giveUp()
      throw failure
    }
    client.note(
      `${(failure as Error).message} Going on with blob ${shortDigest(this.content.descriptor.digest)}.`,
    )
    const wait = error instanceof PassingAnswer ? error.wait : undefined
    await pause(
      Math.min(wait ?? backOff(attempt, client.retry), client.retry.longestPause),
      this.content.signal,
    )
  }

  /** Finds out what became of what was sent. Returns true if all of it arrived and only the answer was lost. */
  private async goOn(): Promise<boolean> {
    const { destination, content } = this
    const { descriptor, signal } = content
    if (await hasBlob(destination, descriptor, signal)) return true
    const arrived = await receivedBytes(destination, this.session, this.subject, signal).catch((error) => {
      if (hasCode(error, 'INTERRUPTED')) throw error
      return undefined
    })
    this.inPieces = true
    if (arrived !== undefined && arrived <= descriptor.size && this.takesPieces) {
      this.arrived = arrived
      return false
    }
    this.arrived = 0
    const session = await beginUpload(destination, descriptor, { signal })
    if (session) this.session = session
    return session === undefined
  }

  /** Asks the registry to discard what it has; it would do so by itself after some days. */
  private async giveUp(): Promise<void> {
    const request = { method: 'DELETE', subject: this.subject, signal: AbortSignal.timeout(2000) } as const
    try {
      const answer = await askSession(this.destination, this.session, request)
      await answer.body.discard()
    } catch {
      // This is a courtesy; the error that led here is what counts.
    }
  }
}
