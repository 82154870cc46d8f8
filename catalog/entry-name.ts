import { parseReference } from '../manifests/index.js'
import type { Entry } from './entry.js'
import { matcher } from './wildcard.js'

/**
 * Whether an entry is meant by one of the names or patterns: by its name, or by its repository, so that
 * `library/debian` finds what a registry source calls `debian`. Blank patterns and none at all mean everything.
 */
export function nameMatcher(patterns: string[]): (entry: Entry) => boolean {
  const wanted = patterns.filter((pattern) => pattern.trim() !== '').map(matcher)
  if (wanted.length === 0) return () => true
  return (entry) => namesOf(entry).some((name) => wanted.some((matches) => matches(name)))
}

function namesOf(entry: Entry): string[] {
  const repository =
    entry.location.kind === 'registry' ? parseReference(entry.location.reference).repository : undefined
  return repository === undefined || repository === entry.name ? [entry.name] : [entry.name, repository]
}

/** Names that differ only in case are one name, as in PowerShell. */
export function nameKey(name: string): string {
  return name.toLowerCase()
}
