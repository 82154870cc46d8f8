/**
 * The order of Debian's versions, `[epoch:]upstream[-revision]` (Debian Policy 5.6.12, "Version").
 * @returns below 0 where `a` is older
 */
export function compareDeb(a: string, b: string): number {
  const [one, other] = [parted(a), parted(b)]
  return (
    one.epoch - other.epoch ||
    compareParts(one.upstream, other.upstream) ||
    compareParts(one.revision, other.revision)
  )
}

interface DebVersion {
  epoch: number
  upstream: string
  /** Empty where there is none, which counts as `0`. */
  revision: string
}

function parted(version: string): DebVersion {
  const text = version.trim()
  const colon = text.indexOf(':')
  const epoch = colon < 0 ? 0 : Number(text.slice(0, colon))
  const rest = text.slice(colon + 1)
  // The upstream version may contain hyphens, too: the last one counts.
  const hyphen = rest.lastIndexOf('-')
  return {
    epoch: Number.isFinite(epoch) ? epoch : 0,
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  }
}

const ZERO = 0x30
const NINE = 0x39
const TILDE = 0x7e

/** Non-digit parts and numbers alternate, beginning with a non-digit part. */
function compareParts(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j)
      if (difference !== 0) return difference
      i++
      j++
    }
    while (a.charCodeAt(i) === ZERO) i++
    while (b.charCodeAt(j) === ZERO) j++
    let first = 0
    while (isDigit(a, i) && isDigit(b, j)) {
      first ||= a.charCodeAt(i) - b.charCodeAt(j)
      i++
      j++
    }
    // The longer number is the greater one.
    if (isDigit(a, i)) return 1
    if (isDigit(b, j)) return -1
    if (first !== 0) return first
  }
  return 0
}

/** A tilde sorts before the end of a part, the end before letters, letters before everything else. */
function weight(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0
  const code = text.charCodeAt(at)
  if (code === TILDE) return -1
  return isLetter(code) ? code : code + 0x10000
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= ZERO && code <= NINE
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}
