import { ContainerImageError } from './errors.js'
import { type Findings, show } from './problems.js'

/** image-index.md, "platform": the names are those of Go's GOOS and GOARCH. */
export interface Platform {
  os: string
  architecture: string
  variant?: string
  'os.version'?: string
  'os.features'?: string[]
}

const ARCHITECTURES: Record<string, [architecture: string, variant?: string]> = {
  x64: ['amd64'],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  ia32: ['386'],
  i386: ['386'],
  i686: ['386'],
  x86: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  ppc64el: ['ppc64le'],
}

const SYSTEMS: Record<string, string> = { win32: 'windows', macos: 'darwin' }

/**
 * Reads `os/architecture[/variant][:os.version]`; names that uname and Node use are translated.
 * @throws INVALID_PLATFORM
 */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9]+)\/([a-z0-9_-]+)(?:\/([a-z0-9.]+))?(?::([0-9]+(?:\.[0-9]+){1,3}))?$/i.exec(text)
  if (!match)
    throw new ContainerImageError('INVALID_PLATFORM', `${show(text)} is not a platform.`, {
      expected: 'os/architecture[/variant][:os.version]',
      found: show(text),
    })
  const [, os = '', architecture = '', variant, osVersion] = match
  return platform(os, architecture, variant, osVersion)
}

/** A platform with its names in the form of the specification. */
export function platform(os: string, architecture: string, variant?: string, osVersion?: string): Platform {
  const [arch, impliedVariant] = ARCHITECTURES[architecture.toLowerCase()] ?? [architecture.toLowerCase()]
  const chosenVariant = (variant ?? impliedVariant)?.toLowerCase()
  const system = os.toLowerCase()
  return {
    os: SYSTEMS[system] ?? system,
    architecture: arch,
    ...(chosenVariant && chosenVariant !== impliedVariantOf(arch) ? { variant: chosenVariant } : {}),
    ...(osVersion ? { 'os.version': osVersion } : {}),
  }
}

/** containerd and docker leave out v8 of arm64: it is the only one. */
function impliedVariantOf(architecture: string): string | undefined {
  return architecture === 'arm64' ? 'v8' : undefined
}

/** `linux/arm/v7`, or `windows/amd64:10.0.20348.2227`. */
export function formatPlatform(p: Platform): string {
  const base = p.variant ? `${p.os}/${p.architecture}/${p.variant}` : `${p.os}/${p.architecture}`
  return p['os.version'] ? `${base}:${p['os.version']}` : base
}

/** Whether two platforms name the same machine, whatever their `os.version`. */
export function sameMachine(a: Platform, b: Platform): boolean {
  const left = platform(a.os, a.architecture, a.variant)
  const right = platform(b.os, b.architecture, b.variant)
  return left.os === right.os && left.architecture === right.architecture && left.variant === right.variant
}

/** Adds to the findings what is wrong with a value that should be a platform. */
export function checkPlatform(value: unknown, where: string, findings: Findings): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.add(where, 'an object', value)
    return
  }
  const p = value as Record<string, unknown>
  for (const key of ['os', 'architecture'])
    if (typeof p[key] !== 'string') findings.add(`${where}.${key}`, 'a text', p[key])
  for (const key of ['variant', 'os.version'])
    if (p[key] !== undefined && typeof p[key] !== 'string') findings.add(`${where}.${key}`, 'a text', p[key])
  const features = p['os.features']
  if (features !== undefined && !(Array.isArray(features) && features.every((f) => typeof f === 'string')))
    findings.add(`${where}.os.features`, 'a list of texts', features)
}
