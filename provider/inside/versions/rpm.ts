import { compareNumbers, compareTexts } from './natural.js'

/**
 * The order of RPM's versions, `[epoch:]version[-release]` (rpm-version(7); `rpmvercmp` of rpm 4.15 and later, with tilde
 * and caret). Without a release it is older than with any.
 * @returns below 0 where `a` is older
 */
export function compareRpm(a: string, b: string): number {
  const [one, other] = [parted(a), parted(b)]
  const before = one.epoch - other.epoch || compareSegments(one.version, other.version)
  if (before !== 0) return before
  if (one.release === undefined || other.release === undefined)
    return Number(one.release !== undefined) - Number(other.release !== undefined)
  return compareSegments(one.release, other.release)
}

interface RpmVersion {
  epoch: number
  version: string
  release?: string
}

function parted(text: string): RpmVersion {
  const [, epoch = '0', rest = ''] = /^(?:(\d*):)?(.*)$/s.exec(text.trim()) ?? []
  const hyphen = rest.lastIndexOf('-')
  if (hyphen < 0) return { epoch: Number(epoch), version: rest }
  return { epoch: Number(epoch), version: rest.slice(0, hyphen), release: rest.slice(hyphen + 1) }
}

const SEPARATORS = /^[^A-Za-z0-9~^]+/
const DIGITS = /^[0-9]+/
const LETTERS = /^[A-Za-z]+/

function compareSegments(a: string, b: string): number {
  let [one, other] = [a, b]
  while (one !== '' || other !== '') {
    one = one.replace(SEPARATORS, '')
    other = other.replace(SEPARATORS, '')
    // What a tilde begins comes before the end: 1.0~rc1 before 1.0.
    if (one.startsWith('~') || other.startsWith('~')) {
      if (!one.startsWith('~')) return 1
      if (!other.startsWith('~')) return -1
      one = one.slice(1)
      other = other.slice(1)
      continue
    }
    // What a caret begins comes after the end, and before everything else: 1.0 before 1.0^git1 before 1.0.1.
    if (one.startsWith('^') || other.startsWith('^')) {
      if (one === '') return -1
      if (other === '') return 1
      if (!one.startsWith('^')) return 1
      if (!other.startsWith('^')) return -1
      one = one.slice(1)
      other = other.slice(1)
      continue
    }
    if (one === '' || other === '') break
    const isNumber = DIGITS.test(one)
    const [mine = ''] = (isNumber ? DIGITS : LETTERS).exec(one) ?? []
    const [others = ''] = (isNumber ? DIGITS : LETTERS).exec(other) ?? []
    // A number is newer than letters.
    if (others === '') return isNumber ? 1 : -1
    const difference = isNumber ? compareNumbers(mine, others) : compareTexts(mine, others)
    if (difference !== 0) return difference
    one = one.slice(mine.length)
    other = other.slice(others.length)
  }
  if (one === other) return 0
  return one === '' ? -1 : 1
}
