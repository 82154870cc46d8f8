import {
  ContainerImageError,
  engineRepository,
  formatPlatform,
  option,
  printable,
} from '../manifests/index.js'
import type { Entry } from './entry.js'
import { platformsOf } from './entry-platform.js'

/** Tags have no order, so a pattern that matches several of them does not name one. */
export function refuseSeveralTags(offer: Entry[], name: string): void {
  const tags = [...new Set(offer.map((entry) => entry.version))]
  if (tags.length < 2) return
  throw new ContainerImageError(
    'AMBIGUOUS_NAME',
    `The pattern fits ${tags.length} tags of ${printable(name)}, which are not versions: ${listed(tags)}.`,
    {
      expected: 'one version',
      found: `${tags.length} tags`,
      remedy: `Give one of them with ${option('requiredVersion')}.`,
      details: { tags },
    },
  )
}

/** A short name that several images end in. @param whole their names */
export function ambiguousNames(whole: string[], asked: string): ContainerImageError {
  const names = whole.map(printable).sort()
  return new ContainerImageError(
    'AMBIGUOUS_NAME',
    `${printable(asked)} is the end of several names: ${listed(names)}.`,
    {
      expected: 'a name that one image has',
      found: names.join(', '),
      remedy: 'Give the whole name of the one that you mean.',
      details: { name: asked, names },
    },
  )
}

/** Several sources have different images under one name. @param offers what each of them has */
export function ambiguousSources(offers: Entry[][], name: string): ContainerImageError {
  const lines = offers.map((offer) => `${sourceOf(offer)} (${offer.slice(0, 3).map(described).join(', ')})`)
  const sources = offers.map(sourceOf)
  return new ContainerImageError(
    'AMBIGUOUS_NAME',
    `Several sources offer ${printable(name)}, and not as the same image: ${lines.join('; ')}.`,
    {
      expected: 'one source, or the same digest in each',
      found: sources.join(', '),
      remedy: `Say which one you mean with ${option('source')}.`,
      details: { name, sources },
    },
  )
}

/** One source has several images of the same name, version and platform. */
export function ambiguousInSource(entries: Entry[], first: Entry): ContainerImageError {
  const places = entries.map((entry) => printable(placeOf(entry)))
  return new ContainerImageError(
    'AMBIGUOUS_NAME',
    `Source ${printable(first.source)} has ${printable(first.name)} ${printable(first.version)} more than once, and not as the same image: ${listed(places)}.`,
    {
      expected: 'one image of this name, version and platform',
      found: `${entries.length}`,
      remedy: howToTellApart(entries),
      details: { name: first.name, version: first.version, places },
    },
  )
}

function howToTellApart(entries: Entry[]): string {
  const pinned = entries.flatMap(({ name, digest }) =>
    digest ? [`${printable(engineRepository(name.toLowerCase()))}@${digest}`] : [],
  )
  if (pinned.length < entries.length) return 'Name the file instead.'
  return `Name one of them by its digest: ${listed(pinned)}.`
}

/** A URL's query may hold a signature that gives access: it is not shown. */
function placeOf(entry: Entry): string {
  const { location } = entry
  if (location.kind === 'registry') return location.reference
  if (location.kind === 'path') return location.image ? `${location.path} (${location.image})` : location.path
  return location.url.replace(/[?#].*$/s, '')
}

function described(entry: Entry): string {
  const publisher = entry.publisher ? ` of ${printable(entry.publisher)}` : ''
  const platforms = platformsOf(entry)
  const only = platforms.length === 1 && platforms[0] ? ` ${printable(formatPlatform(platforms[0]))}` : ''
  return `${printable(entry.version)}${only}${publisher}`
}

function sourceOf(offer: Entry[]): string {
  return printable(offer[0]?.source ?? '')
}

function listed(texts: string[]): string {
  const shown = texts.slice(0, 5).map(printable).join(', ')
  return texts.length > 5 ? `${shown} and ${texts.length - 5} more` : shown
}
