import { familiarRepository, hasCode, impossible, printable, throwIfAborted } from '../../manifests/index.js'
import { namesMeant } from '../asked-name.js'
import { REQUESTS_AT_ONCE, settleAtMost } from '../at-most.js'
import type { CatalogSource, ListOptions, SourceAnswer } from '../entry.js'
import type { TagCache, TagLister } from '../ports.js'
import { ageInWords } from '../tag-age.js'
import { hasWildcard } from '../wildcard.js'
import { type Deadline, deadline } from './deadline.js'
import { EMBEDDED_IMAGES } from './embedded-data.js'
import { documentedEntries, type EmbeddedImage, listedEntries, placeOf } from './embedded-image.js'
import { imageTags } from './repository-tags.js'

export interface EmbeddedSourceOptions {
  /** Asks the registries; without it the documented versions are shown. */
  lister?: TagLister
  /** Answers of the registries, kept between runs. */
  cache?: TagCache
  /** A cached answer up to this age, in milliseconds, is used without asking again; default: six hours. */
  freshFor?: number
  /** How long the registries may take in total, in milliseconds: for a wide search, and for exact names. */
  patience?: { wide: number; exact: number }
  /** The images; default: the built-in ones. */
  images?: EmbeddedImage[]
}

/** Where an image's tags come from. */
type Outcome =
  | { image: EmbeddedImage; kind: 'listed'; tags: string[] }
  | { image: EmbeddedImage; kind: 'cached'; tags: string[]; age: number }
  | { image: EmbeddedImage; kind: 'documented'; failure?: unknown }

const SIX_HOURS = 6 * 60 * 60 * 1000
const PATIENCE = { wide: 5_000, exact: 10_000 }

/** The built-in catalog. With a network it asks the registries; without one it shows what is documented. */
export class EmbeddedSource implements CatalogSource {
  readonly name = 'embedded'
  readonly isDefault = true
  private readonly images: EmbeddedImage[]

  constructor(private readonly options: EmbeddedSourceOptions = {}) {
    this.images = options.images ?? EMBEDDED_IMAGES
  }

  /** Fails only if the caller's signal is aborted: there is always a list to show. @throws INTERRUPTED */
  async entries(patterns: string[], options: ListOptions): Promise<SourceAnswer> {
    const wanted = patterns.filter((pattern) => pattern.trim() !== '')
    const images = meantBy(wanted, this.images)
    const outcomes = await this.ask(images, this.patience(wanted), options)
    throwIfAborted(options.signal)
    const entries = outcomes.flatMap((outcome) =>
      outcome.kind === 'documented'
        ? documentedEntries(outcome.image, this.name)
        : listedEntries(outcome.image, outcome.tags, this.name),
    )
    const isOffline = outcomes.length > 0 && outcomes.every(isFromList)
    return { entries, notes: notesOn(outcomes), isOffline }
  }

  async names(): Promise<string[]> {
    return this.images.map((image) => image.name)
  }

  private patience(wanted: string[]): number {
    const { wide, exact } = this.options.patience ?? PATIENCE
    return wanted.length > 0 && !wanted.some(hasWildcard) ? exact : wide
  }

  private async ask(images: EmbeddedImage[], patience: number, options: ListOptions): Promise<Outcome[]> {
    const limit = deadline(patience, options.signal)
    const unreachable = new Map<string, unknown>()
    try {
      const settled = await settleAtMost(REQUESTS_AT_ONCE, images, (image) =>
        this.tags(image, options.offline ? undefined : this.options.lister, limit, unreachable),
      )
      return settled.map((result, i) =>
        result.status === 'fulfilled'
          ? result.value
          : { image: at(images, i), kind: 'documented', failure: result.reason },
      )
    } finally {
      limit.close()
    }
  }

  /** @param unreachable registries that cannot be reached: one try each is enough */
  private async tags(
    image: EmbeddedImage,
    lister: TagLister | undefined,
    limit: Deadline,
    unreachable: Map<string, unknown>,
  ): Promise<Outcome> {
    const cached = await this.cached(image)
    if (cached && cached.age < (this.options.freshFor ?? SIX_HOURS)) return cached
    if (!lister) return cached ?? { image, kind: 'documented' }
    if (unreachable.has(image.registry))
      return cached ?? { image, kind: 'documented', failure: unreachable.get(image.registry) }
    try {
      const answer = lister.tags(image.registry, image.repository, { signal: limit.signal })
      const tags = imageTags(await limit.within(answer))
      await this.keep(image, tags)
      return { image, kind: 'listed', tags }
    } catch (failure) {
      if (hasCode(failure, 'NETWORK_UNREACHABLE')) unreachable.set(image.registry, failure)
      return cached ?? { image, kind: 'documented', failure }
    }
  }

  private async cached(image: EmbeddedImage): Promise<(Outcome & { kind: 'cached' }) | undefined> {
    const cached = await this.options.cache?.get(placeOf(image)).catch(() => undefined)
    return cached && { image, kind: 'cached', tags: imageTags(cached.tags), age: cached.age }
  }

  /** A cache that cannot be written is no reason to show nothing. */
  private async keep(image: EmbeddedImage, tags: string[]): Promise<void> {
    await this.options.cache?.set(placeOf(image), tags).catch(() => undefined)
  }
}

/** Says what the list itself does not show: that it is old, and how old. */
function notesOn(outcomes: Outcome[]): string[] {
  const cached = outcomes.filter((outcome) => outcome.kind === 'cached')
  const documented = outcomes.filter((outcome) => outcome.kind === 'documented')
  const offline = documented.filter(isOffline)
  const faulty = documented.filter((outcome) => !isOffline(outcome))
  const answered = outcomes.some((outcome) => outcome.kind === 'listed') || faulty.length > 0
  return [...notesOnCached(cached), ...notesOnOffline(offline, answered), ...faulty.map(noteOnFault)]
}

function notesOnCached(cached: (Outcome & { kind: 'cached' })[]): string[] {
  if (cached.length > 3) {
    const oldest = Math.max(...cached.map(({ age }) => age))
    return [`Tags of ${cached.length} repositories: cached, the oldest ${ageInWords(oldest)}.`]
  }
  return cached.map(({ image, age }) => `Tags of ${placeOf(image)}: cached, ${ageInWords(age)}.`)
}

/** One line for any number of images, with the oldest day among their lists. */
function notesOnOffline(offline: (Outcome & { kind: 'documented' })[], answered: boolean): string[] {
  const images = offline.map(({ image }) => image)
  const day = images.map(({ asOf }) => asOf).sort()[0]
  if (day === undefined) return []
  if (!answered) return [`No network: showing the list as of ${day}.`]
  const places = images.map(placeOf)
  const shown =
    places.length > 3 ? `${places.slice(0, 3).join(', ')} and ${places.length - 3} more` : places.join(', ')
  return [`No answer from ${shown}: showing the list as of ${day}.`]
}

function noteOnFault({ image, failure }: Outcome & { kind: 'documented' }): string {
  const reason = failure instanceof Error ? printable(failure.message) : 'it failed'
  return `${placeOf(image)}: ${reason} Showing its list as of ${image.asOf}.`
}

/** Not reached in time, not reached at all, or not to be asked. */
function isOffline({ failure }: Outcome & { kind: 'documented' }): boolean {
  return failure === undefined || hasCode(failure, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT', 'INTERRUPTED')
}

function meantBy(patterns: string[], images: EmbeddedImage[]): EmbeddedImage[] {
  if (patterns.length === 0) return images
  const namesOf = (image: EmbeddedImage): string[] => [image.name, familiarRepository(placeOf(image))]
  const meant = new Set(patterns.flatMap((pattern) => namesMeant(pattern, images.flatMap(namesOf))))
  return images.filter((image) => namesOf(image).some((name) => meant.has(name)))
}

/** Neither asked successfully nor kept from an earlier run. */
function isFromList(outcome: Outcome): boolean {
  return outcome.kind === 'cached' || (outcome.kind === 'documented' && isOffline(outcome))
}

function at(images: EmbeddedImage[], i: number): EmbeddedImage {
  const image = images[i]
  if (!image) impossible('There are more answers than questions.')
  return image
}
