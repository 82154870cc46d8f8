import { engineRepository, familiarRepository } from '../manifests/index.js'
import { hasWildcard, matcher } from './wildcard.js'

/*
 * An image's name is its whole repository. A shorter one is enough to ask: the last part or parts find the
 * image if only one name ends in them.
 */

/**
 * The names that a requested one means: the same name, else all that end in its parts; for a pattern all that
 * match it, as a whole or from one of their parts on. Case is ignored, as in PowerShell.
 */
export function namesMeant(asked: string, names: Iterable<string>): string[] {
  const distinct = [...new Set(names)]
  if (hasWildcard(asked)) return distinct.filter(patternTest(asked))
  const wanted = familiarRepository(asked.toLowerCase())
  const exact = distinct.filter((name) => name.toLowerCase() === wanted)
  return exact.length > 0 ? exact : distinct.filter((name) => endsInParts(name, wanted))
}

/** Whether a name ends in the given parts: `quay.io/opstree/redis` ends in `redis` and in `opstree/redis`. */
function endsInParts(name: string, parts: string): boolean {
  return engineRepository(name.toLowerCase()).endsWith(`/${parts}`)
}

function patternTest(pattern: string): (name: string) => boolean {
  const matches = matcher(pattern)
  return (name) => name.split('/').some((_, i, parts) => matches(parts.slice(i).join('/')))
}
