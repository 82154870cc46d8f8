import { type Platform, platform } from '../manifests/index.js'
import { compareVersions, parseVersion, type Version } from './version.js'

/** What a name without a variant stands for (containerd, platforms/database.go: "normalizeArch"). */
const BASE_VARIANTS: Record<string, string> = { arm: 'v7', arm64: 'v8', amd64: 'v1' }

/**
 * Whether a machine runs an image natively: the same system and architecture, a variant not above the
 * machine's, and for Windows a build not above it. An arm64 machine does not count as an arm one, nor amd64
 * as 386: the administrator decides what else runs there.
 * @param wanted the machine; without `os.version` any build of Windows fits
 */
export function fits(wanted: Platform, offered: Platform): boolean {
  const [machine, image] = [normal(wanted), normal(offered)]
  if (machine.os !== image.os || machine.architecture !== image.architecture) return false
  return variantFits(machine, image) && (machine.os !== 'windows' || buildFits(wanted, offered))
}

/**
 * Orders platforms that fit, the best first: the highest variant; for Windows the newest build, which is the
 * machine's own if there is one, and its newest revision; those that do not say what they are come last.
 */
export function compareFit(wanted: Platform, a: Platform, b: Platform): number {
  const byVariant = variantNumber(normal(b)) - variantNumber(normal(a))
  return byVariant || (wanted.os === 'windows' ? compareBuilds(a, b) : 0)
}

function normal(p: Platform): Platform {
  const named = platform(p.os, p.architecture, p.variant)
  return { ...named, variant: named.variant ?? BASE_VARIANTS[named.architecture] ?? '' }
}

function variantFits(machine: Platform, image: Platform): boolean {
  if (machine.variant === image.variant) return true
  const [most, needed] = [variantNumber(machine), variantNumber(image)]
  return most > 0 && needed > 0 && needed <= most
}

/** `v7` is 7, `v8.2` is 8.02; 0 for anything else. */
function variantNumber(p: Platform): number {
  const match = /^v([0-9]{1,3})(?:\.([0-9]{1,2}))?$/.exec(p.variant ?? '')
  return match ? Number(match[1]) + Number(match[2] ?? 0) / 100 : 0
}

function buildFits(machine: Platform, image: Platform): boolean {
  const [host, offered] = [osVersion(machine), osVersion(image)]
  return !host || !offered || compareBuild(offered, host) <= 0
}

function compareBuilds(a: Platform, b: Platform): number {
  const [left, right] = [osVersion(a), osVersion(b)]
  if (!left || !right) return Number(!left) - Number(!right)
  return compareVersions(right, left)
}

/** Compares `10.0.BUILD` without the revision: Windows runs images of its own build whatever their revision. */
function compareBuild(a: Version, b: Version): number {
  return compareVersions(
    { text: '', parts: [a.parts[0], a.parts[1], a.parts[2], 0] },
    { text: '', parts: [b.parts[0], b.parts[1], b.parts[2], 0] },
  )
}

function osVersion(p: Platform): Version | undefined {
  return p['os.version'] === undefined ? undefined : parseVersion(p['os.version'])
}
