import type { Entry } from './entry.js'
import { compareVersions, parseVersion, type Version } from './version.js'

/** The version that an entry compares by; undefined if its `version` is an exact tag. */
export function entryVersion(entry: Pick<Entry, 'version' | 'comparesAs'>): Version | undefined {
  return parseVersion(entry.comparesAs ?? entry.version)
}

/**
 * Orders by version, newest first, followed by tags that are not versions, by their text. For equal numbers
 * the text with more parts comes first: `3.20.0` names one image for good, `3.20` moves.
 */
export function newestFirst(a: VersionKey, b: VersionKey): number {
  if (a.version && b.version)
    return compareVersions(b.version, a.version) || b.text.length - a.text.length || byText(a.text, b.text)
  return Number(!a.version) - Number(!b.version) || byText(a.text, b.text)
}

export interface VersionKey {
  text: string
  version?: Version
}

/** Parsed once, so that sorting thousands of tags does not parse them again at each step. */
export function versionKey(entry: Pick<Entry, 'version' | 'comparesAs'>): VersionKey {
  const version = entryVersion(entry)
  return { text: entry.version, version }
}

/** By code units: the same on every machine, whatever its language. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
