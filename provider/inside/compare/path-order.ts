const SLASH = '/'.charCodeAt(0)

/**
 * Which of two paths comes first where a tree is walked from its root: each folder before what is in it, and the names in
 * a folder in the order of their code units.
 */
export function comparePaths(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  return rank(a, at) - rank(b, at)
}

/** The end of a path stands before what is below it, and that before longer names. */
function rank(path: string, at: number): number {
  if (at >= path.length) return -2
  const unit = path.charCodeAt(at)
  return unit === SLASH ? -1 : unit
}

/** One path with what each of two trees has under it. */
export interface Pair<A, B> {
  path: string
  a: A | undefined
  b: B | undefined
}

/** Goes through two trees side by side; both come in the order of `comparePaths`. */
export function* pairs<A extends { path: string }, B extends { path: string }>(
  first: Iterable<A>,
  second: Iterable<B>,
): Generator<Pair<A, B>> {
  const [left, right] = [first[Symbol.iterator](), second[Symbol.iterator]()]
  let [a, b] = [next(left), next(right)]
  while (a || b) {
    const order = a && b ? comparePaths(a.path, b.path) : a ? -1 : 1
    const pair = { path: (order <= 0 ? a?.path : b?.path) ?? '' }
    yield { ...pair, a: order <= 0 ? a : undefined, b: order >= 0 ? b : undefined }
    if (order <= 0) a = next(left)
    if (order >= 0) b = next(right)
  }
}

function next<T>(iterator: Iterator<T>): T | undefined {
  const step = iterator.next()
  return step.done ? undefined : step.value
}
