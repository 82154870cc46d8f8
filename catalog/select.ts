import type { Platform } from '../manifests/index.js'
import type { Entry } from './entry.js'
import { entriesNamed, nameKey } from './entry-name.js'
import { mayHold, platformKey } from './entry-platform.js'
import { byText, newestFirst, type VersionKey, versionKey } from './entry-version.js'
import { compareVersions } from './version.js'
import { checkVersionParameters, type VersionChoice, type VersionParameters } from './version-parameters.js'

/** What a search asks for. */
export interface Selection extends VersionParameters {
  /** Names or wildcard patterns; default: everything. */
  names?: string[]
  /** Entries that are known to be of other platforms are left out; none of them where none is named. */
  platforms?: readonly Platform[]
  /**
   * Names of the sources that hold what they list, such as a folder: none of their names is hidden for having
   * no version.
   */
  holders?: ReadonlySet<string>
}

/** An entry with its version, which was parsed once. */
interface Candidate {
  entry: Entry
  key: VersionKey
  /** The position of its source in the order of sources. */
  source: number
}

/**
 * The entries that a request means: for each name, and each source that has it, the newest version, the
 * required one, or all. Ordered by name, newest version first, platform, and the sources' own order.
 *
 * Two bugs of the original are fixed: with both a minimum and a maximum only the maximum was checked, and
 * versions were sorted as texts.
 * @param entries in the order of their sources
 * @throws VERSION_PARAMETERS, INVALID_VERSION, USAGE for an invalid pattern
 */
export function selectEntries(entries: Entry[], selection: Selection): Entry[] {
  const choice = checkVersionParameters(selection, selection.names)
  const { platforms = [], holders } = selection
  const named = entriesNamed(entries, selection.names ?? [])
  const wanted = named.filter(
    (entry) => platforms.length === 0 || platforms.some((platform) => mayHold(entry, platform)),
  )
  return ordered(groups(candidates(wanted)).flatMap((group) => found(group, choice, holders)))
}

/**
 * The entries of one name in one source that a version choice means. If no tag is a version and the source
 * holds only one, that one is meant.
 */
export function chooseVersions(
  entries: Entry[],
  choice: VersionChoice,
  holders?: ReadonlySet<string>,
): Entry[] {
  const group = candidates(entries).filter((candidate) => !isExcluded(candidate, choice))
  const chosen = chosenOf(group, choice)
  const isLast = chosen.length === 0 && choice.kind === 'newest'
  const tags = isLast ? group.filter((candidate) => isHeld(candidate, holders)) : []
  return ordered(new Set(tags.map(({ key }) => key.text)).size === 1 ? tags : chosen)
}

/** If no tag that a source holds is a version, a list shows them all: nothing is known to be newer. */
function found(all: Candidate[], choice: VersionChoice, holders?: ReadonlySet<string>): Candidate[] {
  const group = all.filter((candidate) => !isExcluded(candidate, choice))
  const chosen = chosenOf(group, choice)
  const hasVersion = choice.kind !== 'newest' || chosen.length > 0
  return hasVersion ? chosen : group.filter((candidate) => isHeld(candidate, holders))
}

function isExcluded({ key }: Candidate, { isExcluded: test }: VersionChoice): boolean {
  return test?.(key.text) ?? false
}

function isHeld({ entry }: Candidate, holders?: ReadonlySet<string>): boolean {
  return holders?.has(entry.source) ?? false
}

function chosenOf(group: Candidate[], choice: VersionChoice): Candidate[] {
  switch (choice.kind) {
    case 'all':
      return group
    case 'newest':
      return newestOf(group, choice.count)
    case 'range':
      return newestOf(
        group.filter((candidate) => isWithin(candidate, choice)),
        choice.count,
      )
    case 'exact':
      return exactOf(group, choice)
    case 'wildcard':
      return newestOrTags(
        group.filter((candidate) => choice.matches(candidate.key.text)),
        choice.count,
      )
  }
}

/** All entries of the newest versions: one may have several platforms. Two texts for the same numbers are one version. */
function newestOf(group: Candidate[], count = 1): Candidate[] {
  const versions = group
    .filter((candidate) => candidate.key.version)
    .sort((a, b) => newestFirst(a.key, b.key))
  const best: VersionKey[] = []
  for (const { key } of versions) {
    if (best.length === count) break
    const last = best.at(-1)?.version
    if (!last || !key.version || compareVersions(last, key.version) !== 0) best.push(key)
  }
  const texts = new Set(best.map(({ text }) => text))
  return group.filter((candidate) => texts.has(candidate.key.text))
}

/** Tags that are not versions have no order: if only such tags match, each of them is meant. */
function newestOrTags(group: Candidate[], count?: number): Candidate[] {
  return group.some((candidate) => candidate.key.version) ? newestOf(group, count) : group
}

function isWithin({ key }: Candidate, bounds: VersionChoice & { kind: 'range' }): boolean {
  if (!key.version) return false
  if (bounds.minimum && compareVersions(key.version, bounds.minimum) < 0) return false
  return !bounds.maximum || compareVersions(key.version, bounds.maximum) <= 0
}

/** The same text comes before the same numbers: `3.20` and `3.20.0` may be two tags. */
function exactOf(group: Candidate[], choice: VersionChoice & { kind: 'exact' }): Candidate[] {
  const same = group.filter((candidate) => candidate.key.text === choice.text)
  if (same.length > 0) return same
  const { version } = choice
  if (!version) return []
  return newestOf(group.filter(({ key }) => key.version && compareVersions(key.version, version) === 0))
}

function candidates(entries: Entry[]): Candidate[] {
  const sources = new Map<string, number>()
  return entries.map((entry) => {
    const source = sources.get(entry.source) ?? sources.size
    sources.set(entry.source, source)
    return { entry, key: versionKey(entry), source }
  })
}

function groups(all: Candidate[]): Candidate[][] {
  const bySource = new Map<string, Candidate[]>()
  for (const candidate of all) {
    const key = `${candidate.source} ${nameKey(candidate.entry.name)}`
    const group = bySource.get(key)
    if (group) group.push(candidate)
    else bySource.set(key, [candidate])
  }
  return [...bySource.values()]
}

function ordered(chosen: Candidate[]): Entry[] {
  const keyed = chosen.map((c) => ({ ...c, name: nameKey(c.entry.name), platform: platformKey(c.entry) }))
  keyed.sort(
    (a, b) =>
      byText(a.name, b.name) ||
      newestFirst(a.key, b.key) ||
      byText(a.platform, b.platform) ||
      a.source - b.source,
  )
  return keyed.map(({ entry }) => entry)
}
