import { ContainerImageError, type ErrorCode, printable } from '../../manifests/index.js'
import type { HttpAnswer } from './http.js'

/** In bytes; what a registry has to say about an error is short. */
const ERROR_BODY_LIMIT = 64 * 1024

export interface AnswerContext {
  /** What was asked for: `tags of registry.example.org/debian`. */
  subject: string
  /** Whether there were credentials for it. */
  withCredentials?: boolean
  /** What to do, where that is not what the code usually means. */
  remedy?: string | undefined
}

/**
 * The error that an answer means which is not the wanted one. Reads and shows the registry's own code and
 * message where it gives them (distribution-spec, "Error Codes").
 */
export async function answerError(answer: HttpAnswer, context: AnswerContext): Promise<ContainerImageError> {
  const said = await whatItSays(answer)
  const { code, message } = describe(answer, context)
  return new ContainerImageError(code, said.text ? `${message} It says: ${said.text}` : message, {
    side: 'source',
    found: `status ${answer.status}`,
    ...(context.remedy === undefined ? {} : { remedy: context.remedy }),
    details: {
      host: answer.url.host,
      status: answer.status,
      ...(said.code ? { registryCode: said.code } : {}),
    },
  })
}

function describe(answer: HttpAnswer, context: AnswerContext): { code: ErrorCode; message: string } {
  const host = answer.url.host
  const { subject } = context
  switch (answer.status) {
    case 401:
      return { code: 'UNAUTHORIZED', message: unauthorized(host, context) }
    case 403:
      return { code: 'UNAUTHORIZED', message: `${host} does not allow access to ${subject}.` }
    case 404:
      return { code: 'NOT_FOUND', message: `${host} has no ${subject}.` }
    case 429:
      return { code: 'RATE_LIMITED', message: `${host} refuses further requests for now.` }
    default:
      return {
        code: 'REGISTRY_ERROR',
        message: `${host} answers with status ${answer.status} to the request for ${subject}.`,
      }
  }
}

/** Many registries answer 401 for what does not exist, so that nobody can try out names. */
function unauthorized(host: string, { subject, withCredentials }: AnswerContext): string {
  return withCredentials
    ? `${host} does not accept the credentials for ${subject}, or has no such thing.`
    : `${host} wants credentials for ${subject}, or has no such thing.`
}

/** The registry's own code and message of an error; an empty text where it gives none. Reads the body. */
export async function whatItSays(answer: HttpAnswer): Promise<{ text: string; code?: string }> {
  try {
    const bytes = await answer.body.bytes(ERROR_BODY_LIMIT, () => new Error('too long to show'))
    const first = firstError(JSON.parse(bytes.toString('utf8')))
    if (!first) return { text: '' }
    const text = [first.code, first.message].filter(Boolean).join(': ')
    return { text: shorten(printable(text)), ...(first.code ? { code: printable(first.code) } : {}) }
  } catch {
    return { text: '' }
  }
}

function firstError(body: unknown): { code: string; message: string } | undefined {
  if (body === null || typeof body !== 'object' || !('errors' in body) || !Array.isArray(body.errors))
    return undefined
  const first: unknown = body.errors[0]
  if (first === null || typeof first !== 'object') return undefined
  return {
    code: 'code' in first && typeof first.code === 'string' ? first.code : '',
    message: 'message' in first && typeof first.message === 'string' ? first.message : '',
  }
}

function shorten(text: string): string {
  const line = text.length > 300 ? `${text.slice(0, 297)}...` : text
  return /[.!?]$/.test(line) ? line : `${line}.`
}
