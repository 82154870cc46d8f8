import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import { orderOfAll } from './natural.js'

/**
 * The order of Semantic Versioning 2.0.0, section 11; a leading `v` is ignored, and an incomplete version, such as `1.2`,
 * is filled up with zeros.
 * @returns below 0 if `a` is older
 */
export const compareSemver = orderOfAll((text) => parse(filled(text)) ?? undefined, compare)

const SHORT = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:[-+].*)?)$/s

function filled(version: string): string {
  const [, major, minor = '0', patch = '0', rest = ''] = SHORT.exec(version.trim()) ?? []
  return major === undefined ? version : `${whole(major)}.${whole(minor)}.${whole(patch)}${rest}`
}

function whole(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '')
}
