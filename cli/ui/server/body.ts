import type { IncomingMessage } from 'node:http'
import { ContainerImageError } from '../../../manifests/index.js'
import type { Refusal } from './refusals.js'

/** There is room for a basket of thousands of names. */
const MOST_BYTES = 1_000_000

/** Thrown if the request cannot be read to its end. */
export class RefusedBody extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message)
  }
}

/**
 * The JSON of a request that must not take long to arrive.
 * @throws RefusedBody, USAGE
 */
export async function readJson(request: IncomingMessage, patienceMs: number): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new RefusedBody({ status: 415, message: 'Requests are application/json.' })
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) throw tooLarge()
  const bytes = await patiently(request, patienceMs)
  try {
    return JSON.parse(bytes.toString('utf8') || '{}')
  } catch {
    throw new ContainerImageError('USAGE', 'The request is not JSON.')
  }
}

async function patiently(request: IncomingMessage, patienceMs: number): Promise<Buffer> {
  const late = setTimeout(() => request.destroy(), patienceMs)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MOST_BYTES) throw tooLarge()
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(late)
  }
}

function tooLarge(): RefusedBody {
  return new RefusedBody({ status: 413, message: `A request has at most ${MOST_BYTES} bytes.` })
}
