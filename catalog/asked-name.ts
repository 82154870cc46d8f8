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

/** The same for many requests of the same names: none of them is compared with every name. */
export class AskedNames {
  private readonly distinct: readonly string[]
  private readonly whole = new Map<string, string[]>()
  private readonly endings = new Map<string, string[]>()

  constructor(names: Iterable<string>) {
    this.distinct = [...new Set(names)]
    for (const name of this.distinct) {
      const lower = name.toLowerCase()
      addTo(this.whole, lower, name)
      const parts = engineRepository(lower).split('/')
      for (let from = 1; from < parts.length; from++) addTo(this.endings, parts.slice(from).join('/'), name)
    }
  }

  /** As `namesMeant`. */
  meant(asked: string): readonly string[] {
    if (hasWildcard(asked)) return this.distinct.filter(patternTest(asked))
    const wanted = familiarRepository(asked.toLowerCase())
    return this.whole.get(wanted) ?? this.endings.get(wanted) ?? []
  }
}

function addTo(lists: Map<string, string[]>, key: string, name: string): void {
  const list = lists.get(key)
  if (list) list.push(name)
  else lists.set(key, [name])
}

/** Whether a name ends in the given parts: `quay.io/opstree/redis` ends in `redis` and in `opstree/redis`. */
function endsInParts(name: string, parts: string): boolean {
  return engineRepository(name.toLowerCase()).endsWith(`/${parts}`)
}

function patternTest(pattern: string): (name: string) => boolean {
  const matches = matcher(pattern)
  return (name) => name.split('/').some((_, i, parts) => matches(parts.slice(i).join('/')))
}
