import { type Digest, isDigest } from '../../manifests/index.js'
import type { ExpectedLayer } from '../copy/expected-layer.js'

/**
 * What a layer was found to be when it was unpacked, as a text that is kept: for which system it was judged, whether
 * with nothing below it, and the digest of its tar.
 */
export type Judgement = string

/** One for each digest that the tar was compared with. */
export function judgementsOf({ os, diffIds, isFirst }: ExpectedLayer): Judgement[] {
  return [...diffIds].map((diffId) => judgement(os, isFirst, diffId))
}

/**
 * Whether all that is expected was found before. A layer that passed with nothing below it also passes on top of
 * others.
 */
export function areAllFound(found: ReadonlySet<Judgement>, { os, diffIds, isFirst }: ExpectedLayer): boolean {
  const isFound = (diffId: Digest): boolean =>
    found.has(judgement(os, true, diffId)) || (!isFirst && found.has(judgement(os, false, diffId)))
  return diffIds.size > 0 && [...diffIds].every(isFound)
}

export function isJudgement(value: unknown): value is Judgement {
  const [, diffId] = /^(?:linux|windows)(?: lowest)? (\S+)$/.exec(String(value)) ?? []
  return typeof value === 'string' && isDigest(diffId)
}

function judgement(os: ExpectedLayer['os'], isFirst: boolean, diffId: Digest): Judgement {
  return `${os}${isFirst ? ' lowest' : ''} ${diffId}`
}
