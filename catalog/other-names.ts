import type { Entry } from './entry.js'
import { entriesNamed } from './entry-name.js'

/**
 * The entries that an exact name and version mean, including those that have it as another name, under that
 * name. Lists show an entry once, by its own name.
 */
export function entriesCalled(entries: readonly Entry[], name: string, version?: string): Entry[] {
  const own = entriesNamed(entries, [name])
  if (version === undefined && own.length > 0) return own
  const called = entriesNamed(entries.flatMap(byOtherNames), [name])
  const meant = called.filter((entry) => version === undefined || entry.version === version)
  return [...own, ...meant]
}

/** Those with a name that may match one of the patterns. */
export function entriesOfAnyName(entries: readonly Entry[], patterns: string[]): Entry[] {
  const named = new Set(entriesNamed(entries, patterns))
  return entries.filter((entry) => named.has(entry) || entriesNamed(byOtherNames(entry), patterns).length > 0)
}

function byOtherNames(entry: Entry): Entry[] {
  return (entry.otherNames ?? []).map(({ repository, tag }) => ({ ...entry, name: repository, version: tag }))
}
