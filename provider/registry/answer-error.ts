import { ContainerImageError, type ErrorCode, printable } from '../../manifests/index.js'
import type { HttpAnswer } from './http.js'
import { proxyWantsLogin } from './proxy-error.js'
import { isLimit, retryAfter } from './retry.js'
import { sentSecrets, withoutSent } from './sent-secrets.js'

/** In bytes; what a registry has to say about an error is short. */
const ERROR_BODY_LIMIT = 64 * 1024
/** In milliseconds; if the rest does not come, the status says enough. */
const ERROR_BODY_PATIENCE = 5000

export interface AnswerContext {
  /** What was asked for: `tags of registry.example.org/debian`. */
  subject: string
  /** Whether there were credentials for it. */
  withCredentials?: boolean
  /** What to do, if that differs from the usual advice for the code. */
  remedy?: string | undefined
}

/**
 * The error for an answer that is not the wanted one. Reads and shows the registry's own code and message if it gives
 * them (distribution-spec, "Error Codes").
 */
export async function answerError(answer: HttpAnswer, context: AnswerContext): Promise<ContainerImageError> {
  const said = await whatItSays(answer)
  const { code, message, remedy } = describe(answer, context)
  return new ContainerImageError(code, said.text ? `${message} It says: ${said.text}` : message, {
    side: 'source',
    found: `status ${answer.status}`,
    remedy: context.remedy ?? remedy,
    details: {
      host: answer.url.host,
      status: answer.status,
      ...(said.code ? { registryCode: said.code } : {}),
    },
  })
}

interface Described {
  code: ErrorCode
  message: string
  remedy?: string
}

function describe(answer: HttpAnswer, context: AnswerContext): Described {
  const host = answer.url.host
  const { subject } = context
  const { sentOnBy } = answer.request
  if (isLimit(answer)) return limited(answer)
  if (sentOnBy !== undefined && [400, 403].includes(answer.status))
    return refusedBehindLink(host, sentOnBy, subject)
  switch (answer.status) {
    case 401:
      return { code: 'UNAUTHORIZED', message: unauthorized(host, context) }
    case 403:
      return { code: 'UNAUTHORIZED', message: `${host} does not allow access to ${subject}.` }
    case 404:
      return { code: 'NOT_FOUND', message: `${host} has no ${subject}.` }
    case 407:
      return proxyWantsLogin('The proxy')
    default:
      return {
        code: 'REGISTRY_ERROR',
        message: `${host} answers with status ${answer.status} to the request for ${subject}.`,
      }
  }
}

/** A storage service gives access through the link alone; logging in at the registry would not help. */
function refusedBehindLink(host: string, sentOnBy: string, subject: string): Described {
  return {
    code: 'REGISTRY_ERROR',
    message: `${host} refuses the link that ${sentOnBy} gave for ${subject}.`,
    remedy: `Run the command again for a new link; if it stays so, tell the people who run ${sentOnBy}: a clock may be wrong, or a proxy in between changes what is sent.`,
  }
}

/** The error for a registry that has had enough requests for now, with the time that it names. */
export function limited(answer: Pick<HttpAnswer, 'url' | 'headers'>): Described {
  const { host } = answer.url
  const wait = retryAfter(answer)
  if (wait === undefined)
    return { code: 'RATE_LIMITED', message: `${host} refuses further requests for now.` }
  const until = new Date(Date.now() + wait).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    code: 'RATE_LIMITED',
    message: `${host} refuses further requests for ${inWords(wait)}, until ${until}.`,
    remedy: `Run the command again after ${until}, or log in for a higher limit.`,
  }
}

function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds === 1) return 'a second'
  if (seconds < 120) return `${seconds} seconds`
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`
}

/** Many registries answer 401 for what does not exist, so that nobody can try out names. */
function unauthorized(host: string, { subject, withCredentials }: AnswerContext): string {
  return withCredentials
    ? `${host} does not accept the credentials for ${subject}, or has no such thing.`
    : `${host} wants credentials for ${subject}, or has no such thing.`
}

/** What a registry says of an error, in its own words. */
export interface Said {
  /** The first code and message; empty if it gives none. */
  text: string
  /** The first code. */
  code?: string
  /** Every code: a manifest can be refused for several reasons at once. */
  codes: string[]
}

/** The registry's own codes and message of an error. Reads the body. */
export async function whatItSays(answer: HttpAnswer): Promise<Said> {
  try {
    const bytes = await answer.body.bytesWithin(ERROR_BODY_PATIENCE, ERROR_BODY_LIMIT)
    const errors = errorsOf(JSON.parse(bytes.toString('utf8')))
    const secrets = sentSecrets(answer.request)
    const said = (words: string) => printable(withoutSent(words, secrets))
    const text = [errors[0]?.code, errors[0]?.message].filter(Boolean).join(': ')
    const codes = errors.map(({ code }) => said(code)).filter(Boolean)
    return { text: text && shorten(said(text)), code: errors[0]?.code ? codes[0] : undefined, codes }
  } catch {
    return { text: '', codes: [] }
  }
}

/** The errors of a body as distribution-spec has them; none of another body. */
function errorsOf(body: unknown): { code: string; message: string }[] {
  if (body === null || typeof body !== 'object' || !('errors' in body) || !Array.isArray(body.errors))
    return []
  return body.errors.map((error: unknown) => ({
    code: textIn(error, 'code'),
    message: textIn(error, 'message'),
  }))
}

function textIn(error: unknown, field: string): string {
  const value = error !== null && typeof error === 'object' ? Reflect.get(error, field) : undefined
  return typeof value === 'string' ? value : ''
}

function shorten(text: string): string {
  const line = text.length > 300 ? `${text.slice(0, 297)}...` : text
  return /[.!?]$/.test(line) ? line : `${line}.`
}
