import { compareNumbers, compareTexts, orderOfAll } from './natural.js'

/**
 * The order of Python's versions, `N!1.2.3rc1.post2.dev3+local` (PEP 440, "Summary of permitted suffixes and
 * relative ordering").
 * @returns below 0 if `a` is older
 */
export const comparePep440 = orderOfAll(parsed, compareVersions)

function compareVersions(one: PythonVersion, other: PythonVersion): number {
  return (
    compareNumbers(one.epoch, other.epoch) ||
    compareLists(one.release, other.release) ||
    compareMarks(one.pre, other.pre) ||
    compareMarks(one.post, other.post) ||
    compareMarks(one.dev, other.dev) ||
    compareLocal(one.local, other.local)
  )
}

/** A rank among those that may stand in its place, and a number. */
type Mark = readonly [rank: number, number: string]

interface PythonVersion {
  epoch: string
  /** Without zeros at its end: 1.0 is 1. */
  release: string[]
  pre: Mark
  post: Mark
  dev: Mark
  local: string[]
}

/** PEP 440, appendix B, with the spellings that normalise (`v`, `alpha`, `c`, `rev`, `-1` and others). */
const FORM =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/

const PRE_RANKS: Record<string, number> = { alpha: 0, a: 0, beta: 1, b: 1 }
/** A release, after all its pre-releases. */
const FINAL: Mark = [3, '0']
/** A development release of a final one comes before its alphas. */
const BEFORE_ALL: Mark = [-1, '0']

function parsed(text: string): PythonVersion | undefined {
  const found = FORM.exec(text.trim().toLowerCase())
  if (!found) return undefined
  const [, epoch = '0', release = '', pre, preNumber, implicit, post, postNumber, dev, devNumber, local] =
    found
  const isPost = implicit !== undefined || post !== undefined
  const withoutPre: Mark = dev !== undefined && !isPost ? BEFORE_ALL : FINAL
  return {
    epoch,
    release: release.replace(/(?:\.0+)+$/, '').split('.'),
    pre: pre === undefined ? withoutPre : [PRE_RANKS[pre] ?? 2, preNumber || '0'],
    post: isPost ? [1, (implicit ?? postNumber) || '0'] : [0, '0'],
    dev: dev === undefined ? [1, '0'] : [0, devNumber || '0'],
    local: local?.split(/[-_.]/) ?? [],
  }
}

function compareMarks(a: Mark, b: Mark): number {
  return a[0] - b[0] || compareNumbers(a[1], b[1])
}

function compareLists(a: string[], b: string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = compareNumbers(a[at] ?? '0', b[at] ?? '0')
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers come after letters, and more parts after fewer. */
function compareLocal(a: string[], b: string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]]
    if (one === undefined) return -1
    if (other === undefined) return 1
    const [isNumber, isOther] = [/^\d+$/.test(one), /^\d+$/.test(other)]
    if (isNumber !== isOther) return isNumber ? 1 : -1
    const difference = isNumber ? compareNumbers(one, other) : compareTexts(one, other)
    if (difference !== 0) return difference
  }
  return 0
}
