import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { findProgram } from '../../io/programs/find-program.js'
import { accessDenied, diskFull, endedInTheMiddle, otherLayer, refused } from '../client/complaints.js'
import type { EngineProgram } from '../client/program.js'
import type { EngineOptions } from '../port/engine.js'

/** How a containerd is reached, as its client `ctr` is told. */
export interface Ctr extends EngineProgram {
  readonly address: string
  readonly namespace: string
}

/** Of containerd itself, on each system. */
const ADDRESS =
  process.platform === 'win32' ? '\\\\.\\pipe\\containerd-containerd' : '/run/containerd/containerd.sock'
/**
 * Those of k3s and rke2, which bring their own containerd, with everything in the namespace of Kubernetes.
 */
const RANCHER_ADDRESS = '/run/k3s/containerd/containerd.sock'
/** The clients that may be there; k3s and rke2 have one built in. */
const PROGRAMS = [['ctr'], ['k3s', 'ctr'], ['/var/lib/rancher/rke2/bin/ctr']]

/**
 * Finds the client and says where it connects to: CONTAINERIMAGE_CTR, CONTAINERD_ADDRESS and
 * CONTAINERD_NAMESPACE first.
 * @throws ENGINE_UNREACHABLE where there is no client
 */
export function findCtr({ address, namespace, environment = process.env }: EngineOptions): Ctr {
  const isRancher = !existsSync(ADDRESS) && existsSync(RANCHER_ADDRESS)
  const at = pathOf(address ?? environment.CONTAINERD_ADDRESS ?? (isRancher ? RANCHER_ADDRESS : ADDRESS))
  const inside =
    namespace ?? environment.CONTAINERD_NAMESPACE ?? (at === RANCHER_ADDRESS ? 'k8s.io' : 'default')
  const [file, ...inner] = programOf(environment)
  return {
    address: at,
    namespace: inside,
    label: `containerd at ${at}`,
    file,
    before: [...inner, '--address', at, '--namespace', inside],
    environment,
    refusal: (label, complaint) => refusalOf(label, at, complaint),
  }
}

function pathOf(address: string): string {
  return address.replace(/^unix:\/\//, '').replace(/^npipe:\/\//, '')
}

function programOf(environment: NodeJS.ProcessEnv): [string, ...string[]] {
  const named = environment.CONTAINERIMAGE_CTR
  if (named)
    return findProgram(named, { environment }) ? [named] : (named.split(' ') as [string, ...string[]])
  for (const [program = '', ...inner] of PROGRAMS) {
    const found = findProgram(program, { environment })
    if (found) return [found, ...inner]
  }
  throw new ContainerImageError('ENGINE_UNREACHABLE', 'The client of containerd is not on this machine.', {
    side: 'destination',
    expected: 'ctr, k3s or rke2 on the PATH',
    found: 'none of them',
    remedy: 'Install ctr, which comes with containerd, or name it in CONTAINERIMAGE_CTR, by its full path.',
  })
}

/** What ctr prints on its standard error, as an error of ours. */
function refusalOf(label: string, address: string, complaint: string): ContainerImageError {
  const said = complaint.replace(/^ctr: /, '').replace(/^time="[^"]*" level=\w+ msg=/gm, '')
  if (/no space left on device|disk quota exceeded/i.test(said)) return diskFull(label, said)
  if (/permission denied/i.test(said) && said.includes(path.basename(address)))
    return accessDenied(label, said)
  if (
    /code = Unavailable|connection refused|error reading from server|transport is closing|failed to dial/i.test(
      said,
    )
  )
    return endedInTheMiddle(label, said)
  const tar = /wrong diff id calculated on extraction \\?"(sha256:[0-9a-f]{64})/.exec(said)?.[1]
  return tar === undefined ? refused(label, said) : otherLayer(label, tar)
}

/**
 * The digest that containerd's store does not have, although it was left out because it had been there
 * before.
 */
export function missingContent(error: unknown): string | undefined {
  const found = error instanceof ContainerImageError ? String(error.found ?? '') : ''
  return /(sha256:[0-9a-f]{64})[^\n]*not found/.exec(found)?.[1]
}
