import { ContainerImageError } from './errors.js'
import { checkSpelling } from './go-json.js'
import { isObject } from './json-kinds.js'
import { present } from './present.js'
import { type Findings, show } from './problems.js'

/** image-index.md, "platform": the names are those of Go's GOOS and GOARCH. */
export interface Platform {
  os: string
  architecture: string
  variant?: string
  'os.version'?: string
  'os.features'?: string[]
}

/** Names that uname, Node and Debian use. Maps, not objects: an image may call its machine `constructor`. */
const ARCHITECTURES = new Map<string, { architecture: string; variant?: string }>([
  ['x64', { architecture: 'amd64' }],
  ['x86_64', { architecture: 'amd64' }],
  ['x86-64', { architecture: 'amd64' }],
  ['ia32', { architecture: '386' }],
  ['i386', { architecture: '386' }],
  ['i686', { architecture: '386' }],
  ['x86', { architecture: '386' }],
  ['aarch64', { architecture: 'arm64' }],
  ['armhf', { architecture: 'arm', variant: 'v7' }],
  ['armel', { architecture: 'arm', variant: 'v6' }],
  ['armv7l', { architecture: 'arm', variant: 'v7' }],
  ['armv6l', { architecture: 'arm', variant: 'v6' }],
  ['ppc64el', { architecture: 'ppc64le' }],
  ['mipsel', { architecture: 'mipsle' }],
  ['mips64el', { architecture: 'mips64le' }],
  ['loongarch64', { architecture: 'loong64' }],
])

const SYSTEMS = new Map([
  ['win32', 'windows'],
  ['macos', 'darwin'],
])

/** What a name without a variant means (containerd, platforms/database.go: "normalizeArch"). */
const IMPLIED_VARIANTS = new Map([
  ['amd64', 'v1'],
  ['arm', 'v7'],
  ['arm64', 'v8'],
])

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

/** A platform with the specification's names. */
export function platform(os: string, architecture: string, variant?: string, osVersion?: string): Platform {
  const system = os.toLowerCase()
  const named = architecture.toLowerCase()
  const machine = ARCHITECTURES.get(named) ?? { architecture: named }
  const chosen = spelledVariant((variant || machine.variant)?.toLowerCase())
  return present({
    os: SYSTEMS.get(system) ?? system,
    architecture: machine.architecture,
    variant: chosen && !goesWithoutSaying(machine.architecture, chosen) ? chosen : undefined,
    'os.version': osVersion || undefined,
  })
}

/** containerd takes `7` for `v7`. */
function spelledVariant(variant: string | undefined): string | undefined {
  return variant !== undefined && /^[0-9]/.test(variant) ? `v${variant}` : variant
}

/** containerd and docker leave out v8 of arm64 and v1 of amd64, but not v7 of arm: older ones are common. */
function goesWithoutSaying(architecture: string, variant: string): boolean {
  return architecture !== 'arm' && IMPLIED_VARIANTS.get(architecture) === variant
}

/**
 * `linux/arm/v7`, or `windows/amd64:10.0.20348.2227`; `unknown` for anything that an image does not say.
 * Empty if there is no platform, as for an artifact.
 */
export function formatPlatform(p: Platform | undefined): string {
  if (!p) return ''
  const machine = `${p.os || 'unknown'}/${p.architecture || 'unknown'}`
  const base = p.variant ? `${machine}/${p.variant}` : machine
  return p['os.version'] ? `${base}:${p['os.version']}` : base
}

/** Whether two platforms name the same machine, whatever their `os.version`; `linux/arm` is `linux/arm/v7`. */
export function sameMachine(a: Platform, b: Platform): boolean {
  const left = platform(a.os, a.architecture, a.variant)
  const right = platform(b.os, b.architecture, b.variant)
  return (
    left.os === right.os && left.architecture === right.architecture && variantOf(left) === variantOf(right)
  )
}

function variantOf(p: Platform): string | undefined {
  return p.variant ?? IMPLIED_VARIANTS.get(p.architecture)
}

const MEMBERS = ['os', 'architecture', 'variant', 'os.version', 'os.features']

/**
 * Adds to the findings what is wrong with a value that should be a platform.
 * @param where its path in the document; empty if the document itself is one, as a config is
 */
export function checkPlatform(p: unknown, where: string, findings: Findings): void {
  if (!isObject(p)) {
    findings.add(where, 'an object', p)
    return
  }
  const inside = where && `${where}.`
  checkSpelling(p, MEMBERS, where, findings)
  for (const key of ['os', 'architecture'])
    if (typeof p[key] !== 'string') findings.add(`${inside}${key}`, 'a text', p[key])
  for (const key of ['variant', 'os.version'])
    if (p[key] !== undefined && typeof p[key] !== 'string') findings.add(`${inside}${key}`, 'a text', p[key])
  const features = p['os.features']
  if (features !== undefined && !(Array.isArray(features) && features.every((f) => typeof f === 'string')))
    findings.add(`${inside}os.features`, 'a list of texts', features)
}
