import { setTimeout as sleep } from 'node:timers/promises'
import { type ContainerImageError, hasCode, interrupted } from '../../manifests/index.js'
import { type HttpAnswer, header } from './http.js'
import type { RetryPolicy } from './settings.js'

/**
 * Answers after which the same request may well succeed; everything else is final. From 520 on they are of proxies such as
 * Cloudflare's, which say so that the registry behind them does not answer as it should.
 */
const PASSING = new Set([408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])

export function isPassing(status: number): boolean {
  return PASSING.has(status)
}

/** Whether an answer asks to come back later; GitHub and others say so with 403 and the time. */
export function isLimit(answer: Pick<HttpAnswer, 'status' | 'headers'>): boolean {
  return answer.status === 429 || (answer.status === 403 && retryAfter(answer) !== undefined)
}

/** Whether an error of the connection may well not come again. */
export function isPassingError(error: unknown): error is ContainerImageError {
  return hasCode(error, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT')
}

/**
 * How long to wait before a further attempt, in milliseconds: twice as long each time, and spread by
 * chance, so that many clients do not come back at the same moment.
 * @param attempt 1 for the first repetition
 */
export function backOff(attempt: number, policy: RetryPolicy): number {
  const full = Math.min(policy.pause * 2 ** (attempt - 1), policy.longestPause)
  return full / 2 + Math.random() * (full / 2)
}

/** Longer than anybody waits; what is longer still would be no date. */
const LONGEST_WAIT = 100 * 365 * 24 * 3600 * 1000

/** Retry-After (RFC 9110 section 10.2.3), seconds or a date, or as some have it seconds since 1970; in milliseconds from now. */
export function retryAfter(answer: Pick<HttpAnswer, 'headers'>): number | undefined {
  const value = header(answer, 'retry-after')?.trim()
  if (!value) return undefined
  if (/^[0-9]+$/.test(value) && value.length !== 10) return Math.min(Number(value) * 1000, LONGEST_WAIT)
  if (/^[0-9]{10}$/.test(value)) return Math.max(0, Number(value) * 1000 - Date.now())
  const date = /^[A-Z][a-z]{2,8}, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

/** Waits. @throws INTERRUPTED */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    throw interrupted(signal?.reason ?? error)
  }
}
