import { ContainerImageError, throwIfAborted } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'
import type { Allowance } from './allowance.js'
import { bytesToSkip } from './content-range.js'
import type { HttpAnswer } from './http.js'
import { naming } from './network-error.js'
import { backOff, isPassingError, pause } from './retry.js'
import type { RetryPolicy } from './settings.js'

export interface ResumingOptions {
  /** For messages. */
  subject: string
  /** Asks for the bytes from an offset on; its own errors are final. */
  open(from: number): Promise<HttpAnswer>
  from: number
  /**
   * The size of the whole in bytes, if known. At most one byte more is yielded, which shows that it is wrong.
   */
  size?: number
  retry: RetryPolicy
  note(message: string): void
  /** The allowance of a document, which is not asked for again if it comes too slowly. */
  allowance?: Allowance
  signal?: AbortSignal
}

/** In bytes. Connections that bring less count as failed: with one byte each it would never end. */
const PROGRESS = 4096

/**
 * Bytes from an offset to the end, across lost connections: if one breaks, the next continues after the last
 * byte that came. It gives up when several connections in a row bring next to nothing.
 * @throws what `open` throws, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, INTERRUPTED
 */
export async function* resuming(options: ResumingOptions): Bytes {
  const { size = Number.POSITIVE_INFINITY, retry } = options
  let position = options.from
  if (position > 0 && position >= size) return
  let counted = position
  for (let fruitless = 0; ; ) {
    throwIfAborted(options.signal)
    const answer = await options.open(position)
    try {
      for await (const chunk of wanted(answer, position, size + 1)) {
        position += chunk.length
        if (position - counted >= PROGRESS) {
          counted = position
          fruitless = 0
        }
        yield chunk
      }
      if (options.size === undefined || position >= size) return
      throw endedEarly(options, position)
    } catch (error) {
      if (!isPassingError(error) || ++fruitless > retry.retries || isOver(error, options))
        throw naming(error, options.subject)
      options.note(`${error.message} Going on from byte ${position}.`)
      await pause(backOff(fruitless, retry), options.signal)
    }
  }
}

function isOver({ details }: ContainerImageError, { allowance, signal }: ResumingOptions): boolean {
  return signal?.aborted === true || (allowance !== undefined && details?.stage === 'crawling')
}

function endedEarly(options: ResumingOptions, position: number): ContainerImageError {
  return new ContainerImageError(
    'NETWORK_UNREACHABLE',
    `The connection for ${options.subject} ended early.`,
    {
      side: 'source',
      expected: `${options.size} bytes`,
      found: `${position} bytes`,
    },
  )
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
