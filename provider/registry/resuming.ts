import { throwIfAborted } from '../../manifests/index.js'
import type { Bytes } from '../ports.js'
import { bytesToSkip } from './content-range.js'
import type { HttpAnswer } from './http.js'
import { backOff, isPassingError, pause } from './retry.js'
import type { RetryPolicy } from './settings.js'

export interface ResumingOptions {
  /** Asks for the bytes from an offset on; its own errors are final. */
  open(from: number): Promise<HttpAnswer>
  from: number
  /** Nothing is yielded from this offset on; the end of the body is the end where it is undefined. */
  end?: number
  retry: RetryPolicy
  note(message: string): void
  signal?: AbortSignal
}

/**
 * Bytes from an offset to the end, across lost connections: where one breaks, the next goes on behind the
 * last byte that came. It gives up when several connections in a row bring nothing.
 * @throws what `open` throws, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, INTERRUPTED
 */
export async function* resuming(options: ResumingOptions): Bytes {
  const end = options.end ?? Number.POSITIVE_INFINITY
  let position = options.from
  for (let idle = 0; ; ) {
    throwIfAborted(options.signal)
    const answer = await options.open(position)
    try {
      for await (const chunk of wanted(answer, position, end)) {
        position += chunk.length
        idle = 0
        yield chunk
      }
      return
    } catch (error) {
      if (!isPassingError(error) || ++idle > options.retry.retries) throw error
      options.note(`${error.message} Going on from byte ${position}.`)
      await pause(backOff(idle, options.retry), options.signal)
    }
  }
}

/** The part of an answer's body that lies between two offsets of the whole. */
async function* wanted(answer: HttpAnswer, from: number, end: number): Bytes {
  let skip: number
  try {
    skip = bytesToSkip(answer, from)
  } catch (error) {
    answer.body.cancel()
    throw error
  }
  let left = end - from
  for await (const chunk of answer.body) {
    const rest = skip === 0 ? chunk : chunk.subarray(skip)
    skip = Math.max(0, skip - chunk.length)
    if (rest.length === 0) continue
    if (rest.length >= left) {
      yield rest.subarray(0, left)
      return
    }
    left -= rest.length
    yield rest
  }
}
