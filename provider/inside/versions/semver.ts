import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import { compareNatural } from './natural.js'

/**
 * The order of Semantic Versioning 2.0.0, section 11; a leading `v` is ignored. An incomplete version, such
 * as `1.2`, is filled up with zeros, and one that is not a version at all is compared by its numbers.
 * @returns below 0 if `a` is older
 */
export function compareSemver(a: string, b: string): number {
  const [one, other] = [parse(filled(a)), parse(filled(b))]
  return one && other ? compare(one, other) : compareNatural(a, b)
}

const SHORT = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:[-+].*)?)$/s

function filled(version: string): string {
  const [, major, minor = '0', patch = '0', rest = ''] = SHORT.exec(version.trim()) ?? []
  return major === undefined ? version : `${whole(major)}.${whole(minor)}.${whole(patch)}${rest}`
}

function whole(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '')
}
