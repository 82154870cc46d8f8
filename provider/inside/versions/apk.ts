import { compareNumbers, compareTexts } from './natural.js'

/**
 * The order of Alpine's versions, `digit{.digit}{letter}{_suffix{number}}{~hash}{-r#}` (apk-version(8)).
 * Other versions are compared as far as they follow that form.
 * @returns below 0 if `a` is older
 */
export function compareApk(a: string, b: string): number {
  const [one, other] = [new Tokens(a), new Tokens(b)]
  while (one.kind === other.kind && one.kind < Kind.End) {
    const difference = compareTokens(one, other)
    if (difference !== 0) return difference
    one.next()
    other.next()
  }
  if (one.kind === other.kind) return 0
  // Everything they have in common is equal: the longer one is newer, unless it continues with a pre-release
  // suffix.
  if (one.kind === Kind.Suffix && one.rank < NO_SUFFIX) return -1
  if (other.kind === Kind.Suffix && other.rank < NO_SUFFIX) return 1
  return other.kind - one.kind
}

/**
 * In the order in which they may follow each other; where versions differ, the one whose part comes first
 * here is newer.
 */
enum Kind {
  FirstNumber,
  Number,
  Letter,
  Suffix,
  SuffixNumber,
  Hash,
  Revision,
  End,
  Invalid,
}

/** Before a release, and after it. */
const SUFFIXES = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const NO_SUFFIX = SUFFIXES.indexOf('')

class Tokens {
  kind = Kind.FirstNumber
  text = ''
  /** Of a suffix: its place in the order. */
  rank = 0
  private rest: string

  constructor(version: string) {
    this.rest = version.trim()
    this.takeNumber(Kind.FirstNumber)
  }

  next(): void {
    if (this.rest === '') {
      this.kind = Kind.End
      return
    }
    const [first = ''] = this.rest
    if (/[a-z]/.test(first)) this.take(Kind.Letter, /^[a-z]/, this.kind <= Kind.Number)
    else if (first === '.' && this.kind <= Kind.Number) {
      this.rest = this.rest.slice(1)
      this.takeNumber(Kind.Number)
    } else if (/[0-9]/.test(first)) this.takeFurtherNumber()
    else if (first === '_') this.takeSuffix()
    else if (first === '~') {
      const isAllowed = this.kind < Kind.Hash
      this.rest = this.rest.slice(1)
      this.take(Kind.Hash, /^[0-9a-f]+/, isAllowed)
    } else if (this.rest.startsWith('-r') && this.kind < Kind.Revision) {
      this.rest = this.rest.slice(2)
      this.takeNumber(Kind.Revision)
    } else this.end()
  }

  private takeFurtherNumber(): void {
    if (this.kind <= Kind.Number) this.takeNumber(Kind.Number)
    else if (this.kind === Kind.Suffix) this.takeNumber(Kind.SuffixNumber)
    else this.end()
  }

  private takeNumber(kind: Kind): void {
    this.take(kind, /^[0-9]+/, true)
  }

  private takeSuffix(): void {
    const isAllowed = this.kind <= Kind.SuffixNumber
    this.rest = this.rest.slice(1)
    this.take(Kind.Suffix, /^[a-z]+/, isAllowed)
    const rank = SUFFIXES.indexOf(this.text)
    if (this.kind === Kind.Suffix && rank < 0) this.end()
    this.rank = rank
  }

  private take(kind: Kind, form: RegExp, isAllowed: boolean): void {
    const [text] = form.exec(this.rest) ?? []
    if (!isAllowed || text === undefined) {
      this.end()
      return
    }
    this.kind = kind
    this.text = text
    this.rest = this.rest.slice(text.length)
  }

  private end(): void {
    this.kind = Kind.Invalid
  }
}

function compareTokens(a: Tokens, b: Tokens): number {
  switch (a.kind) {
    case Kind.Suffix:
      return a.rank - b.rank
    case Kind.Number:
      // As in a fraction: if one begins with a zero, 1.05 is older than 1.1.
      return a.text.startsWith('0') || b.text.startsWith('0')
        ? compareTexts(a.text, b.text)
        : compareNumbers(a.text, b.text)
    case Kind.FirstNumber:
    case Kind.SuffixNumber:
    case Kind.Revision:
      return compareNumbers(a.text, b.text)
    default:
      return compareTexts(a.text, b.text)
  }
}
