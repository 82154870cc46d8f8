import { ContainerImageError, show } from '../../manifests/index.js'
import { bodyLength, type HttpAnswer, header } from './http.js'

/**
 * Content-Range of a 206 (RFC 9110 section 14.4): first byte, last byte, and the size of the whole if given.
 */
export function contentRange(
  answer: Pick<HttpAnswer, 'headers'>,
): { first: number; last: number; size?: number } | undefined {
  const value = header(answer, 'content-range')
  const match = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15}|\*)$/i.exec(value?.trim() ?? '')
  if (!match) return undefined
  const [first, last] = [Number(match[1]), Number(match[2])]
  if (first > last) return undefined
  return { first, last, size: match[3] === '*' ? undefined : Number(match[3]) }
}

/**
 * How many bytes at the start of an answer's body come before the wanted offset: a server may ignore Range and answer
 * 200 with all of it, but a 206 must begin where it was asked to.
 * @throws REGISTRY_ERROR
 */
export function bytesToSkip(answer: HttpAnswer, from: number): number {
  if (answer.status !== 206) return from
  const range = contentRange(answer)
  if (range?.first === from) return 0
  throw new ContainerImageError(
    'REGISTRY_ERROR',
    `${answer.url.host} sends another part than was asked for.`,
    {
      side: 'source',
      expected: `bytes from ${from}`,
      found: show(header(answer, 'content-range')),
    },
  )
}

/** The size of the whole that an answer is, or is part of, if it says. In bytes. */
export function wholeSize(answer: HttpAnswer): number | undefined {
  if (answer.status === 206) return contentRange(answer)?.size
  if (answer.status === 416) return unsatisfied(answer)
  return bodyLength(answer)
}

/** Content-Range of a 416, which tells the size of the whole only. */
function unsatisfied(answer: HttpAnswer): number | undefined {
  const match = /^bytes \*\/([0-9]{1,15})$/i.exec(header(answer, 'content-range')?.trim() ?? '')
  return match ? Number(match[1]) : undefined
}
