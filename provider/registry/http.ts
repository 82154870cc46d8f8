import type { Bytes } from '../io/bytes.js'
import type { Allowance } from './allowance.js'
import type { Body } from './body.js'

/** Which addresses a connection may lead to. */
export type Reach = 'anywhere' | 'public'

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: URL
  headers: Record<string, string>
  /** A body that is made for each attempt is sent as it comes; its Content-Length is among the headers. */
  body?: string | Uint8Array | (() => Bytes)
  /** From the last byte sent to the head of the answer, in milliseconds, if it may take longer than others. */
  answerTimeout?: number
  reach: Reach
  /** The host that sent the request on to another one. */
  sentOnBy?: string
  /** The allowance that the answers to it, and to everything it leads to, count against; blobs have none. */
  allowance?: Allowance
  signal?: AbortSignal
}

export interface HttpAnswer {
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Where the answer came from, after redirects. */
  url: URL
  /** What it is the answer to, after redirects. */
  request: Pick<HttpRequest, 'headers' | 'body' | 'sentOnBy'>
  body: Body
}

/** A header's value; several of the same name joined as RFC 9110 section 5.3 allows. */
export function header(answer: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** The Content-Length of an answer, if it has a sensible one. In bytes. */
export function contentLength(answer: Pick<HttpAnswer, 'headers'>): number | undefined {
  const value = header(answer, 'content-length')
  if (value === undefined || !/^[0-9]{1,15}$/.test(value)) return undefined
  return Number(value)
}

/** The length of what is read from an answer, if it says; it cannot if the answer is decoded. In bytes. */
export function bodyLength(answer: Pick<HttpAnswer, 'headers' | 'body'>): number | undefined {
  return answer.body.isDecoded ? undefined : contentLength(answer)
}
