import { platform } from '../../../manifests/index.js'
import { rubbish } from '../client/complaints.js'
import { reachSocket } from '../client/socket.js'
import type { Engine, EngineOptions } from '../port/engine.js'
import { PodmanEngine } from './engine.js'
import { askJson } from './images.js'
import { findPodman, socketOf } from './podman.js'

/** In milliseconds; a podman that runs for the first time makes its storage. */
const PATIENCE = 30_000

/** The part of `podman info` that is used. */
interface Info {
  host?: { arch?: string; os?: string; serviceIsRemote?: boolean; security?: { rootless?: boolean } }
  version?: { Version?: string }
}

/** Finds podman and asks for its version. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function openPodman(options: EngineOptions): Promise<Engine> {
  const podman = findPodman(options)
  const socket = podman.url === undefined ? undefined : socketOf(podman.url)
  if (socket !== undefined) await reachSocket('podman', socket)
  const asking = { patience: PATIENCE, signal: options.signal }
  const info = await askJson<Info>(podman, ['info', '--format', 'json'], asking)
  const { host, version } = info
  if (!host?.os || !host.arch || !version?.Version)
    throw rubbish(podman.label, 'its version and platform', JSON.stringify(info))
  const where = podman.url ? ` at ${podman.url}` : host.security?.rootless ? ' (rootless)' : ''
  const label = `podman ${version.Version}${where}`
  const isRemote = podman.url !== undefined || host.serviceIsRemote === true
  return new PodmanEngine(
    { ...podman, label },
    version.Version,
    platform(host.os, host.arch),
    isRemote,
    options.scratch,
  )
}
