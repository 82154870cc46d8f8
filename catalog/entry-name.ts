import { familiarRepository, parseReference } from '../manifests/index.js'
import { namesMeant } from './asked-name.js'
import type { Entry } from './entry.js'

/**
 * The entries that match one of the names or patterns, by their names or by their repositories, so that
 * `library/debian` finds what a registry source calls `debian`. Blank patterns, and no patterns at all, mean
 * everything.
 */
export function entriesNamed<T extends Pick<Entry, 'name' | 'location'>>(
  entries: readonly T[],
  patterns: string[],
): T[] {
  const wanted = patterns.filter((pattern) => pattern.trim() !== '')
  if (wanted.length === 0) return [...entries]
  const meant = new Set<T>()
  for (const pattern of wanted) for (const entry of meantBy(entries, pattern)) meant.add(entry)
  return entries.filter((entry) => meant.has(entry))
}

/** A name that is exactly this comes before one that ends in it, in whichever source it is. */
function meantBy<T extends Pick<Entry, 'name' | 'location'>>(entries: readonly T[], pattern: string): T[] {
  const names = new Set(namesMeant(pattern, entries.flatMap(namesOf)))
  return entries.filter((entry) => namesOf(entry).some((name) => names.has(name)))
}

function namesOf({ name, location }: Pick<Entry, 'name' | 'location'>): string[] {
  if (location.kind !== 'registry') return [name]
  const { registry, repository } = parseReference(location.reference)
  return [name, familiarRepository(`${registry}/${repository}`)]
}

/** Names that differ only in case are one name, as in PowerShell. */
export function nameKey(name: string): string {
  return name.toLowerCase()
}
