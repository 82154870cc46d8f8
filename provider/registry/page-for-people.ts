import { ContainerImageError, type ErrorCode } from '../../manifests/index.js'
import { type HttpAnswer, header } from './http.js'

/**
 * Whether an answer is a page for people: the sign-in of a portal or a gateway, or the start page of a registry that
 * does not know the path. Nothing that a registry sends begins with `<`.
 */
export function isForPeople(answer: HttpAnswer, start: Uint8Array): boolean {
  const text = Buffer.from(start.subarray(0, 512)).toString('latin1').trimStart()
  return isHtml(answer) ? text.startsWith('<') : /^<(!doctype html|html[\s>])/i.test(text)
}

/** Whether the answer says that it is one. */
export function isHtml(answer: HttpAnswer): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(header(answer, 'content-type') ?? '')
}

/** @param expected what should have come: `JSON` */
export function pageForPeople(
  answer: HttpAnswer,
  subject: string,
  expected: string,
  code: ErrorCode = 'INVALID_DOCUMENT',
): ContainerImageError {
  const { host } = answer.url
  return new ContainerImageError(
    code,
    `${host} answers with a page for people to the request for ${subject}.`,
    {
      side: 'source',
      expected,
      found: 'a page (HTML)',
      remedy: `Look at it in a browser: a gateway or a portal before ${host} may want a login, or the registry is somewhere else.`,
      details: { host },
    },
  )
}
