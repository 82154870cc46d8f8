import { ContainerImageError, present } from '../../../manifests/index.js'
import { findProgram } from '../../io/programs/find-program.js'
import { accessDenied, diskFull, endedInTheMiddle, refused } from '../client/complaints.js'
import type { EngineProgram } from '../client/program.js'
import type { EngineOptions } from '../port/engine.js'

/** How a podman is reached: by itself on this machine, or through the socket of its service. */
export interface Podman extends EngineProgram {
  /** A URL for `--url`; undefined if podman works by itself, or knows where its machine is. */
  readonly url?: string
}

/**
 * Finds the program and says where it connects to: CONTAINERIMAGE_PODMAN and CONTAINER_HOST first. Without an
 * address it works on the storage of the user who runs it, as podman does.
 * @throws ENGINE_UNREACHABLE where there is no podman
 */
export function findPodman({ address, environment = process.env }: EngineOptions): Podman {
  const named = address ?? environment.CONTAINER_HOST
  const url = named ? urlOf(named) : undefined
  return present({
    url,
    label: url === undefined ? 'podman' : `podman at ${url}`,
    file: programIn(environment),
    before: url === undefined ? [] : ['--url', url],
    environment,
    refusal: refusalOf,
  })
}

/** The path of a URL's socket, where that is on this machine. */
export function socketOf(url: string): string | undefined {
  return url.startsWith('unix://') ? url.slice('unix://'.length) : undefined
}

function urlOf(address: string): string {
  return /^[a-z]+:\/\//.test(address) ? address : `unix://${address}`
}

function programIn(environment: NodeJS.ProcessEnv): string {
  const named = environment.CONTAINERIMAGE_PODMAN
  const found = findProgram(named || 'podman', { environment })
  if (found) return found
  throw new ContainerImageError('ENGINE_UNREACHABLE', 'podman is not on this machine.', {
    side: 'destination',
    expected: named || 'podman on the PATH',
    found: 'nothing',
    remedy: 'Install podman, or name the program in CONTAINERIMAGE_PODMAN, by its full path.',
  })
}

/** What podman prints on its standard error, as an error of ours. */
function refusalOf(label: string, complaint: string): ContainerImageError {
  // The lines above the error say what it was copying.
  const said = /^Error: [\s\S]*/m.exec(complaint)?.[0].replace(/^Error: /, '') ?? complaint
  if (/no space left on device|disk quota exceeded/i.test(said)) return diskFull(label, said)
  if (/unable to connect to Podman socket[\s\S]*permission denied/i.test(said))
    return accessDenied(label, said)
  if (/unable to connect to Podman|(get|post|delete) "http:\/\/d\//i.test(said))
    return endedInTheMiddle(label, said)
  return refused(label, said)
}

/** The blob that podman looked for because it does not have the layer that was left out. */
export function missingLayer(error: unknown): string | undefined {
  const found = error instanceof ContainerImageError ? String(error.found ?? '') : ''
  return /reading blob (sha256:[0-9a-f]{64})[^\n]*no such file/.exec(found)?.[1]
}
