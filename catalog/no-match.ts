import { ContainerImageError, command, insteadOf, option, printable } from '../manifests/index.js'
import type { Entry } from './entry.js'
import { newestFirst, versionKey } from './entry-version.js'
import { suggest } from './suggest.js'

/** Versions and tags named in a message; all of them are in its details. */
const SHOWN = 5

/**
 * NO_MATCH in PowerShell's words, with the remedy that fits: the versions that the name has, its tags if none
 * is a version, or the names that may have been meant.
 * @param named what the sources have of this name, whatever the version
 * @param known names of the sources, for suggestions
 * @param notes notes about sources that could not be asked; part of the message, as they may have the image
 */
export function noMatch(
  name: string,
  named: Entry[],
  known: Iterable<string> = [],
  notes: string[] = [],
): ContainerImageError {
  const message = `No match was found for the specified search criteria and package name '${printable(name)}'.`
  const { remedy, details } = named.length > 0 ? versionsThatExist(name, named) : namesThatExist(name, known)
  return new ContainerImageError('NO_MATCH', [message, ...notes].join(' '), {
    ...(remedy === undefined ? {} : { remedy }),
    details: { name, ...details, ...(notes.length > 0 ? { notes } : {}) },
  })
}

interface Hint {
  remedy?: string
  details: Record<string, unknown>
}

function versionsThatExist(name: string, named: Entry[]): Hint {
  const keys = named.map(versionKey).sort(newestFirst)
  const versions = distinct(keys.filter((key) => key.version).map((key) => key.text))
  const tags = distinct(keys.filter((key) => !key.version).map((key) => key.text))
  if (versions.length > 0)
    return {
      remedy: `Choose one of the versions of ${printable(name)}: ${some(versions)}. See all with ${option('allVersions')}.`,
      details: { versions },
    }
  return {
    remedy: `${printable(name)} has only tags that are not versions: ${some(tags)}. Give one with ${option('requiredVersion')}.`,
    details: { tags },
  }
}

function namesThatExist(name: string, known: Iterable<string>): Hint {
  const suggestions = suggest(name, known)
  if (suggestions.length === 0)
    return {
      remedy:
        insteadOf(name) ??
        `Look at what there is with ${command('find')}, and at the sources with ${command('source', 'list')}.`,
      details: {},
    }
  return { remedy: `Did you mean ${suggestions.map(printable).join(' or ')}?`, details: { suggestions } }
}

function some(texts: string[]): string {
  const rest = texts.length - SHOWN
  const shown = texts.slice(0, SHOWN).map(printable).join(', ')
  return rest > 0 ? `${shown} and ${rest} more` : shown
}

function distinct(texts: string[]): string[] {
  return [...new Set(texts)]
}
