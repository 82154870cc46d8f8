import { compareNumbers, orderOfAll } from './natural.js'
import { compareSemver } from './semver.js'

/**
 * The order of NuGet's versions: semver without regard to case, with a fourth number that may be left out
 * (learn.microsoft.com, "NuGet package versioning").
 * @returns below 0 where `a` is older
 */
export const compareNuget = orderOfAll(parsed, compareVersions)

interface NugetVersion {
  numbers: string[]
  label: string
}

function compareVersions(one: NugetVersion, other: NugetVersion): number {
  for (let at = 0; at < 4; at++) {
    const difference = compareNumbers(one.numbers[at] ?? '0', other.numbers[at] ?? '0')
    if (difference !== 0) return difference
  }
  return compareSemver(`0.0.0${one.label}`, `0.0.0${other.label}`)
}

function parsed(version: string): NugetVersion | undefined {
  const found = /^v?(\d+(?:\.\d+){0,3})(-[0-9a-z.-]+)?(?:\+.*)?$/i.exec(version.trim())
  if (!found) return undefined
  const [, numbers = '', label = ''] = found
  return { numbers: numbers.split('.'), label: label.toLowerCase() }
}
