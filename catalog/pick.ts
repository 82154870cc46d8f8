import { groupedBy } from '../manifests/groups.js'
import { impossible, type Platform, printable, sameMachine } from '../manifests/index.js'
import { ambiguousInSource, ambiguousNames, ambiguousSources, refuseSeveralTags } from './ambiguous.js'
import { wantedPlatform } from './default-platform.js'
import type { Entry } from './entry.js'
import { entriesNamed, nameKey } from './entry-name.js'
import { compareEntryFit, mayHold, platformKey, platformsOf } from './entry-platform.js'
import { noMatch } from './no-match.js'
import { platformNotFound } from './platform-choice.js'
import { chooseVersions } from './select.js'
import { checkVersionParameters, refuseWildcards, type VersionParameters } from './version-parameters.js'

/** One exact name, to be saved or installed. */
export interface PickRequest extends VersionParameters {
  name: string
  /** Named by the user. Default: this machine's, or windows/amd64 for a Windows image. */
  platform?: Platform
  /** This machine's, from `defaultPlatform`. */
  host: Platform
  /** Every platform that the version has, if the source lists them as separate entries. */
  allPlatforms?: boolean
  /** Sources that hold what they list: see Selection. */
  holders?: ReadonlySet<string>
  /** Sources that yield to all others: the catalog that ships. */
  defaultSources?: string[]
  /** Names for suggestions, and notes about sources that could not be asked; for the error NO_MATCH. */
  known?: string[]
  notes?: string[]
}

export interface Picked {
  /** One; more only with `allVersions` or `allPlatforms`. */
  entries: Entry[]
  /** Lines that the reader should see, such as which source was preferred to another. */
  notes: string[]
}

/**
 * The entries of one source that an exact name means.
 *
 * Which source: the order of the sources decides only among the same image (equal digest or reference). Two
 * sources that offer different images under one name are AMBIGUOUS_NAME, even if one has a newer version: a
 * carrier that calls its image `debian 99.0` must not silently replace another publisher's. The one exception
 * is the built-in catalog, which is always there and mostly out of reach where this runs: a source that the
 * administrator registered is preferred to it, with a note, unless both name their publisher and the
 * publishers differ.
 * @throws WILDCARD_REFUSED, VERSION_PARAMETERS, INVALID_VERSION, NO_MATCH, PLATFORM_NOT_FOUND, AMBIGUOUS_NAME
 */
export function pickEntries(entries: Entry[], request: PickRequest): Picked {
  refuseWildcards([request.name])
  const choice = checkVersionParameters(request, [request.name])
  const named = entriesNamed(entries, [request.name])
  if (named.length === 0) throw noMatch(request.name, [], request.known, request.notes)
  const names = new Map(named.map(({ name }) => [nameKey(name), name]))
  if (names.size > 1) throw ambiguousNames([...names.values()], request.name)
  const wanted =
    request.platform ??
    onlyMachine(named, request) ??
    wantedPlatform(named.flatMap(platformsOf), request.host)
  const fitting = request.allPlatforms ? named : named.filter((entry) => mayHold(entry, wanted))
  if (fitting.length === 0)
    throw platformNotFound(wanted, named.flatMap(platformsOf), { label: printable(request.name) })
  const bySource = [...groupedBy(fitting, (entry) => entry.source).values()].map((group) =>
    chooseVersions(group, choice, request.holders),
  )
  const offers = bySource.filter((group) => group.length > 0)
  if (offers.length === 0) throw noMatch(request.name, fitting, [], request.notes)
  const { offer, notes } = oneSource(offers, request)
  if (choice.kind === 'wildcard') refuseSeveralTags(offer, request.name)
  const versions = [...groupedBy(offer, (entry) => entry.version).values()]
  const picked = versions.flatMap((group) =>
    request.allPlatforms ? eachPlatform(group) : bestPlatform(group, wanted),
  )
  return { entries: picked, notes }
}

/**
 * If an image is there for one kind of machine only, that one is meant, as if its file had been named: nobody
 * has to say for which machine.
 */
function onlyMachine(named: Entry[], { holders }: PickRequest): Platform | undefined {
  const platforms = named.flatMap((entry): (Platform | undefined)[] => {
    const known = platformsOf(entry)
    return known.length > 0 ? known : [undefined]
  })
  const [first] = platforms
  const isOnly = platforms.every((platform) => platform && first && sameMachine(platform, first))
  // Among several builds of Windows, this machine decides which can run.
  if (!first || !isOnly || first.os === 'windows') return undefined
  return named.every(({ source }) => holders?.has(source)) ? first : undefined
}

function oneSource(offers: Entry[][], request: PickRequest): { offer: Entry[]; notes: string[] } {
  const isDefault = (offer: Entry[]) => request.defaultSources?.includes(sourceOf(offer)) ?? false
  const registered = offers.filter((offer) => !isDefault(offer))
  const defaults = offers.filter(isDefault)
  const compared = registered.length > 0 ? registered : defaults
  const [first = [], ...others] = compared
  for (const other of others) if (!sameImages(first, other)) throw ambiguousSources(offers, request.name)
  const notes: string[] = []
  for (const offer of compared === registered ? defaults : []) {
    if (sameImages(first, offer)) continue
    if (publishersDiffer(first, offer)) throw ambiguousSources(offers, request.name)
    notes.push(
      `${printable(request.name)} is taken from source ${printable(sourceOf(first))}; ${printable(sourceOf(offer))} offers it too.`,
    )
  }
  return { offer: first, notes }
}

/** Whether each image of one offer is also in the other, and both have the same number. */
function sameImages(a: Entry[], b: Entry[]): boolean {
  return a.length === b.length && a.every((entry) => b.some((other) => sameImage(entry, other)))
}

function sameImage(a: Entry, b: Entry): boolean {
  if (a.digest !== undefined || b.digest !== undefined) return a.digest === b.digest
  const [left, right] = [a.location, b.location]
  if (left.kind === 'registry' && right.kind === 'registry') return left.reference === right.reference
  if (left.kind === 'url' && right.kind === 'url')
    return left.sha256 !== undefined && left.sha256 === right.sha256
  return false
}

function publishersDiffer(a: Entry[], b: Entry[]): boolean {
  return a.some((x) => b.some((y) => x.publisher && y.publisher && !samePublisher(x.publisher, y.publisher)))
}

function samePublisher(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase()
}

function bestPlatform(group: Entry[], wanted: Platform): Entry[] {
  const sorted = [...group].sort((a, b) => compareEntryFit(wanted, a, b))
  const best = sorted[0]
  if (!best) return []
  return [onlyOne(sorted.filter((entry) => platformKey(entry) === platformKey(best)))]
}

function eachPlatform(group: Entry[]): Entry[] {
  return [...groupedBy(group, platformKey).values()].map(onlyOne)
}

/** The first of entries that should be one image: the same name, version and platform in one source. */
function onlyOne(entries: Entry[]): Entry {
  const [first, ...others] = entries
  if (!first) impossible('A group of entries is empty.')
  for (const other of others) if (!sameImage(first, other)) throw ambiguousInSource(entries, first)
  return first
}

function sourceOf(offer: Entry[]): string {
  return offer[0]?.source ?? ''
}
