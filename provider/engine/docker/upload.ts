import type http from 'node:http'
import type { Bytes } from '../../io/bytes.js'
import { codedError } from '../../io/coded-error.js'
import { type Answer, connectionError, refusalOf, textOf } from './answers.js'

/**
 * In milliseconds. A daemon that refuses in the middle closes the connection, and its reason may arrive a
 * little later.
 */
const REASON_WAIT = 500

/** One request whose body is sent piece by piece, as fast as the daemon takes it. */
export class Upload {
  private failure: unknown
  private stopWriting: ((error: unknown) => void) | undefined
  private readonly answered: Promise<Answer>

  constructor(
    private readonly request: http.ClientRequest,
    private readonly label: string,
  ) {
    this.answered = this.listen()
    // `finish` asks for it; until then a failure is reported by the next write.
    this.answered.catch(() => {})
  }

  /** The bytes may be used again when it returns. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED, NO_SPACE, INTERRUPTED */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    if (bytes.length === 0) return
    await new Promise<void>((resolve, reject) => {
      this.stopWriting = reject
      // The request itself reports what went wrong, as it may wait for the daemon's reason.
      this.request.write(bytes, (error) => (error ? undefined : resolve()))
    })
  }

  /** @throws as write, and what the source throws */
  async writeAll(bytes: Bytes): Promise<void> {
    for await (const chunk of bytes) await this.write(chunk)
  }

  /** Ends the body, and waits for the answer. @throws as write */
  async finish(): Promise<Answer> {
    if (this.failure !== undefined) throw this.failure
    this.request.end()
    return await this.answered
  }

  /** Gives up: the daemon sees a body without an end, and throws away what it got. */
  cancel(): void {
    this.request.destroy()
  }

  private async listen(): Promise<Answer> {
    try {
      const answer = await answerTo(this.request)
      if (answer.status >= 400) throw refusalOf(answer, this.label)
      return answer
    } catch (error) {
      this.failure = connectionError(error, this.label)
      this.stopWriting?.(this.failure)
      this.request.destroy()
      throw this.failure
    }
  }
}

function answerTo(request: http.ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let isAnswered = false
    request.on('response', (response) => {
      isAnswered = true
      textOf(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
    request.on('error', (error) => {
      setTimeout(() => reject(error), REASON_WAIT)
    })
    request.on('close', () => {
      if (isAnswered) return
      const lost = codedError('ECONNRESET', 'The connection is lost.')
      setTimeout(() => reject(lost), REASON_WAIT * 2)
    })
  })
}
