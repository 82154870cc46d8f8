import { compareNumbers, compareTexts } from './natural.js'

/**
 * The order of RubyGems' versions (Gem::Version: letters make a prerelease, which comes before its release).
 * @returns below 0 where `a` is older
 */
export function compareGem(a: string, b: string): number {
  const [one, other] = [segmentsOf(a), segmentsOf(b)]
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [mine, others] = [one[at] ?? '0', other[at] ?? '0']
    if (mine === others) continue
    const [isNumber, isOther] = [/^\d/.test(mine), /^\d/.test(others)]
    if (isNumber !== isOther) return isNumber ? 1 : -1
    const difference = isNumber ? compareNumbers(mine, others) : compareTexts(mine, others)
    if (difference !== 0) return difference
  }
  return 0
}

/** A hyphen stands for `.pre.`; zeros before letters and at the end mean nothing. */
function segmentsOf(version: string): string[] {
  // The platform of a gem, `1.2.3-x86_64-linux`, is not part of its version: only releases have one.
  const segments =
    version
      .trim()
      .replaceAll('-', '.pre.')
      .match(/[0-9]+|[a-z]+/gi) ?? []
  const first = segments.findIndex((segment) => !/^\d/.test(segment))
  const release = first < 0 ? segments : segments.slice(0, first)
  return [...withoutZeros(release), ...withoutZeros(first < 0 ? [] : segments.slice(first))]
}

function withoutZeros(segments: string[]): string[] {
  let end = segments.length
  while (end > 0 && /^0+$/.test(segments[end - 1] ?? '')) end--
  return segments.slice(0, end)
}
