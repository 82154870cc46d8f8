import { type Platform, platform } from '../manifests/index.js'

/** What Node says about this machine: `process.platform`, `process.arch`, `os.release()`. */
export interface HostFacts {
  platform: string
  arch: string
  release: string
  /** `process.config.variables.arm_version` on 32-bit arm: 6 or 7. */
  armVersion?: string | number
}

/** Node's names do not give the byte order; Node exists only for the little-endian ones. */
const LITTLE_ENDIAN: Record<string, string> = { ppc64: 'ppc64le', mipsel: 'mipsle' }

/**
 * The platform whose images this machine runs. macOS runs Linux ones, in a virtual machine of its own
 * architecture. Windows has its build as `os.version`.
 */
export function defaultPlatform(facts: HostFacts): Platform {
  const os = facts.platform === 'win32' ? 'windows' : 'linux'
  const variant = facts.arch === 'arm' && facts.armVersion !== undefined ? `v${facts.armVersion}` : undefined
  const architecture = LITTLE_ENDIAN[facts.arch] ?? facts.arch
  return platform(os, architecture, variant, os === 'windows' ? windowsBuild(facts.release) : undefined)
}

function windowsBuild(release: string): string | undefined {
  return /^[0-9]+\.[0-9]+\.[0-9]+/.exec(release)?.[0]
}

/**
 * The platform to look for if the user names none: this machine's, but Windows images are looked for as
 * windows/amd64 everywhere, and Linux ones as Linux on Windows too.
 * @param offered the platforms that a catalog entry is known to have; none if it does not say
 */
export function wantedPlatform(offered: Platform[], host: Platform): Platform {
  const systems = new Set(offered.map((p) => p.os))
  if (systems.size !== 1 || systems.has(host.os)) return host
  if (systems.has('windows')) return { os: 'windows', architecture: 'amd64' }
  const { 'os.version': _build, ...machine } = host
  return { ...machine, os: [...systems][0] ?? host.os }
}
