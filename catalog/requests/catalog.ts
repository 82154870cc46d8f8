import {
  type ContainerImageError,
  hasCode,
  isReference,
  option,
  parseReference,
  printable,
} from '../../manifests/index.js'
import type { CatalogSource, Entry, ListOptions, SourceAnswer } from '../entry.js'
import { wholeName } from '../entry-from-reference.js'
import { entriesNamed } from '../entry-name.js'
import { entryVersion } from '../entry-version.js'
import {
  type Gathered,
  gather,
  joined,
  knownNames,
  lines,
  sourcesNamed,
  throwIfNoneAnswered,
} from '../gather.js'
import { noMatch } from '../no-match.js'
import { entriesCalled } from '../other-names.js'
import { type Picked, type PickRequest, pickEntries } from '../pick.js'
import { type Selection, selectEntries } from '../select.js'
import { checkVersionParameters, refuseWildcards } from '../version-parameters.js'
import { hasWildcard } from '../wildcard.js'
import { type Named, nameWithin, ofDigest } from './name-within.js'
import { type ReferenceOptions, referred } from './referred.js'

/** A search. */
export interface FindOptions extends Omit<Selection, 'holders'> {
  /** Only this source. */
  source?: string
  signal?: AbortSignal
}

/** How one exact name is to be looked for. */
export interface PickOptions
  extends Omit<PickRequest, 'name' | 'known' | 'notes' | 'defaultSources' | 'holders'> {
  /** Only this source. */
  source?: string
  signal?: AbortSignal
}

/** All sources together, and the rule by which a request picks entries. */
export class Catalog {
  /** @param sources in the order in which they are shown */
  constructor(
    private readonly sources: CatalogSource[],
    private readonly references: ReferenceOptions = {},
  ) {}

  /**
   * The entries that names or patterns mean, from every source; full references name themselves. A source
   * that fails becomes a note if another answers. @throws NO_MATCH if an exact name is requested and there is
   * nothing at all; SOURCE_UNKNOWN; what the first source throws if none answers; VERSION_PARAMETERS,
   * INVALID_VERSION, INTERRUPTED
   */
  async find(request: FindOptions): Promise<SourceAnswer> {
    const names = (request.names ?? []).filter((name) => name.trim() !== '')
    checkVersionParameters(request, names)
    const references = names.filter(isReference)
    const direct = await Promise.all(
      references.map((text) =>
        this.hasOwnNames(request.source) ? this.findWithin(text, request) : this.findReference(text, request),
      ),
    )
    const patterns = names.filter((name) => !isReference(name))
    if (direct.length > 0 && patterns.length === 0) return { entries: direct.flat(), notes: [] }
    const sources = sourcesNamed(this.sources, request.source)
    const gathered = await gather(sources, patterns, listOptions(request))
    throwIfNoneAnswered(gathered)
    const selected = selectEntries(gathered.entries, {
      ...request,
      names: patterns,
      holders: holdersOf(sources),
    })
    const missing = patterns.filter(
      (name) => !hasWildcard(name) && entriesNamed(selected, [name]).length === 0,
    )
    if (direct.length + selected.length === 0 && missing[0] !== undefined)
      throw await this.noMatch(missing[0], gathered, sources, request)
    const notes = [
      ...lines(gathered.notes),
      ...missing.map((name) => noMatchNote(name, gathered.entries)),
      ...tagsOnlyNote(gathered.entries, selected, patterns),
    ]
    const entries = [...direct.flat(), ...selected]
    return { entries, notes, isOffline: gathered.isOffline }
  }

  /**
   * The entries that one exact name or full reference means, to be saved or installed: one, or more with
   * `allVersions` or `allPlatforms`. pickEntries explains which source wins. The built-in catalog is only
   * asked over the network if no other source has the image, so that an install from a carrier does not wait
   * for hosts that cannot be reached.
   * @throws as pickEntries and find
   */
  async pick(name: string, request: PickOptions): Promise<Picked> {
    const isWithin = this.hasOwnNames(request.source)
    if (isReference(name))
      return isWithin
        ? this.pickNamed({ ...request, ...nameWithin(name, request) })
        : this.pickReference(name, request)
    return this.pickNamed({ ...request, name })
  }

  private async pickNamed(request: PickOptions & Named): Promise<Picked> {
    const { name } = request
    refuseWildcards([name])
    checkVersionParameters(request, [name])
    const sources = sourcesNamed(this.sources, request.source)
    const defaults = sources.filter((source) => source.isDefault)
    const registered = sources.filter((source) => !source.isDefault)
    const gathered = await this.gatherInTurn(registered, defaults, name, request)
    const called = entriesCalled(gathered.entries, name, request.requiredVersion)
    const named = ofDigest(called, request.digest)
    if (named.length === 0) throw await this.noMatch(name, gathered, sources, request)
    const picked = pickEntries(named, {
      ...request,
      holders: holdersOf(sources),
      defaultSources: defaults.map((source) => source.name),
      notes: lines(gathered.notes),
    })
    return { entries: picked.entries, notes: [...notesFor(picked.entries, gathered), ...picked.notes] }
  }

  private async gatherInTurn(
    registered: CatalogSource[],
    defaults: CatalogSource[],
    name: string,
    request: PickOptions,
  ): Promise<Gathered> {
    const first = await gather(registered, [name], listOptions(request))
    const offline = canPick(first.entries, name, request)
    const second = await gather(defaults, [name], { ...listOptions(request), offline })
    // Finding nothing proves nothing while every registered source is out of reach.
    if (entriesNamed(second.entries, [name]).length === 0) throwIfNoneAnswered(first)
    return joined(first, second)
  }

  private async pickReference(text: string, request: PickOptions): Promise<Picked> {
    const { entries, isExact } = await referred(text, request, this.references, listOptions(request))
    if (isExact) return { entries, notes: [] }
    return pickEntries(entries, { ...request, name: wholeName(parseReference(text)) })
  }

  private async findReference(text: string, request: FindOptions): Promise<Entry[]> {
    const { entries, isExact } = await referred(text, request, this.references, listOptions(request))
    if (isExact) return entries
    const selected = selectEntries(entries, {
      ...request,
      names: [wholeName(parseReference(text))],
    })
    if (selected.length === 0) throw noMatch(text, entries)
    return selected
  }

  /** Whether the one source that is asked has names of its own. @throws SOURCE_UNKNOWN */
  private hasOwnNames(source: string | undefined): boolean {
    return source !== undefined && sourcesNamed(this.sources, source).every((one) => one.hasOwnNames)
  }

  private async findWithin(text: string, request: FindOptions): Promise<Entry[]> {
    const asked = { ...request, ...nameWithin(text, request) }
    const sources = sourcesNamed(this.sources, request.source)
    const gathered = await gather(sources, [asked.name], listOptions(request))
    throwIfNoneAnswered(gathered)
    const called = entriesCalled(gathered.entries, asked.name, asked.requiredVersion)
    const selected = selectEntries(ofDigest(called, asked.digest), {
      ...asked,
      names: [asked.name],
      holders: holdersOf(sources),
    })
    if (selected.length === 0) throw await this.noMatch(asked.name, gathered, sources, request)
    return selected
  }

  private async noMatch(
    name: string,
    gathered: Gathered,
    sources: CatalogSource[],
    request: { signal?: AbortSignal },
  ): Promise<ContainerImageError> {
    const named = entriesNamed(gathered.entries, [name])
    const known = named.length > 0 ? [] : await knownNames(sources, listOptions(request))
    return noMatch(name, named, known, lines(gathered.notes))
  }
}

/** Sources whose entries are really there, or were chosen by whoever wrote the list. */
function holdersOf(sources: CatalogSource[]): ReadonlySet<string> {
  return new Set(sources.filter((source) => source.hasOwnNames).map((source) => source.name))
}

/**
 * Without doubt: what is only taken for lack of a version or of an image for this machine may be better
 * elsewhere.
 */
function canPick(entries: Entry[], name: string, request: PickOptions): boolean {
  try {
    const called = entriesCalled(entries, name, request.requiredVersion)
    return pickEntries(called, { ...request, name }).entries.length > 0
  } catch (error) {
    return hasCode(error, 'AMBIGUOUS_NAME')
  }
}

/** Notes about the source that was chosen, and which sources could not be asked. */
function notesFor(picked: Entry[], gathered: Gathered): string[] {
  const taken = new Set(picked.map((entry) => entry.source))
  return lines(gathered.notes.filter((note) => note.isFailure || taken.has(note.source)))
}

/** A name with no matches, while other names have some. */
function noMatchNote(name: string, entries: Entry[]): string {
  const error = noMatch(name, entriesNamed(entries, [name]))
  return `${error.message} ${error.remedy}`
}

/** Names that a pattern matches but that are not shown, as none of their tags is a version. */
function tagsOnlyNote(all: Entry[], selected: Entry[], patterns: string[]): string[] {
  if (!patterns.every(hasWildcard)) return []
  const shown = new Set([...selected, ...all.filter(entryVersion)].map((entry) => entry.name))
  const hidden = entriesNamed(all, patterns).filter((entry) => !shown.has(entry.name))
  const names = [...new Set(hidden.map((entry) => printable(entry.name)))]
  return names.length > 0
    ? [`Only tags that are not versions: ${names.join(', ')}. See them with ${option('allVersions')}.`]
    : []
}

function listOptions(request: { signal?: AbortSignal }): ListOptions {
  return { signal: request.signal }
}
