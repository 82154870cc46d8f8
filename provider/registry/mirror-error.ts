import { ContainerImageError, command, type ErrorCode, hasCode } from '../../manifests/index.js'
import type { HttpAnswer } from './http.js'
import type { Mirror } from './mirrors.js'
import type { RegistryRequest } from './request.js'

/** How one endpoint answered: the registry itself if there is no mirror. */
export interface Attempt {
  mirror: Mirror | undefined
  error?: ContainerImageError
  /** Not a success, but an answer that the request accepts. */
  answer?: HttpAnswer
}

/**
 * The one error of all endpoints that were asked, with each of them and why it failed. Its code is that of
 * the last one; if that could not be reached, a mirror that the repository came from knows what is not there.
 */
export function everyEndpointFailed(
  request: RegistryRequest,
  attempts: Attempt[],
  hasServed: (mirror: Mirror) => boolean,
): ContainerImageError {
  const failed = attempts.flatMap(({ mirror, error }) => (error ? [{ mirror, error }] : []))
  const last = failed.at(-1)
  const code = codeOf(failed, hasServed)
  const told = failed.map(({ mirror, error }) => `${endpointName(request, mirror)}: ${error.message}`)
  const isBarred = last?.mirror !== undefined
  return new ContainerImageError(
    code,
    `No endpoint of ${request.registry} gives ${request.subject}. ${told.join(' ')}`,
    {
      side: 'source',
      found:
        failed.length === 1
          ? 'one endpoint, which failed'
          : `${failed.length} endpoints, each of which failed`,
      remedy: remedyOf(failed, isBarred),
      details: {
        registry: request.registry,
        endpoints: failed.map(({ mirror, error }) => ({
          endpoint: endpointName(request, mirror),
          code: error.code,
          message: error.message,
          status: error.details?.status,
        })),
      },
      cause: last?.error,
    },
  )
}

interface Failed {
  mirror: Mirror | undefined
  error: ContainerImageError
}

/**
 * The registry itself has the last word. If no endpoint has it, the code is NOT_FOUND only if mirrors really
 * know: one that the repository came from, or all of them.
 */
function codeOf(failed: Failed[], hasServed: (mirror: Mirror) => boolean): ErrorCode {
  const last = failed.at(-1)
  const others = failed.filter(({ error }) => !hasCode(error, 'NOT_FOUND'))
  const knows = failed.some(({ mirror, error }) => mirror && hasServed(mirror) && hasCode(error, 'NOT_FOUND'))
  if (knows && others.every(({ error }) => isOutOfReach(error))) return 'NOT_FOUND'
  if (last && !last.mirror) return last.error.code
  return others[0]?.error.code ?? 'NOT_FOUND'
}

function remedyOf(failed: Failed[], isBarred: boolean): string {
  const own = failed.at(-1)?.error.remedy ?? ''
  if (!isBarred) return own
  return `${own} The settings say that the registry itself is not asked; see ${command('config', 'list')}.`
}

function isOutOfReach(error: unknown): boolean {
  return hasCode(error, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT', 'CERTIFICATE_UNTRUSTED', 'SOURCE_INSECURE')
}

function endpointName({ registry }: RegistryRequest, mirror: Mirror | undefined): string {
  return mirror ? `mirror ${mirror.url}` : registry
}

/** The settings forbid what would have to be asked. */
export function upstreamBarred(request: Pick<RegistryRequest, 'registry' | 'subject'>): ContainerImageError {
  return new ContainerImageError(
    'MIRROR_ONLY',
    `${request.registry} is not asked for ${request.subject}: its mirrors are all that may be asked, and none of them can.`,
    { side: 'source', details: { registry: request.registry } },
  )
}
