import { type Platform, parsePlatform } from '../../manifests/index.js'
import type { Entry } from '../entry.js'
import { tagRule } from '../tag-rule.js'
import { parseVersion } from '../version.js'

/** Tags that were documented together, for the same platforms. */
export interface DocumentedTags {
  tags: string[]
  /** `os/architecture[/variant]`; default: the image's own. */
  platforms?: string[]
}

/** One image of the built-in catalog. */
export interface EmbeddedImage {
  name: string
  publisher: string
  summary: string
  /** Host, with its port if it has one. */
  registry: string
  repository: string
  /** All platforms that its tags are documented for, `os/architecture[/variant]`. */
  platforms: string[]
  /** Which tags are versions (see tagRule); default: each that reads as one. */
  tagRule?: string
  /** Tags are Windows builds: a version of four parts is also the image's `os.version`. */
  tagsAreBuilds?: boolean
  documented: DocumentedTags[]
  /** The day on which the documented tags were read: `2026-08-22`. */
  asOf: string
  /** Where they are documented: public URLs. */
  documentedBy: string[]
}

/** `docker.io/library/debian`: as it is shown and as its tags are cached. */
export function placeOf(image: EmbeddedImage): string {
  return `${image.registry}/${image.repository}`
}

/** The entries for the tags that are documented. */
export function documentedEntries(image: EmbeddedImage, source: string): Entry[] {
  return image.documented.flatMap(({ tags, platforms }) =>
    entriesFor(image, tags, source, platforms ?? image.platforms),
  )
}

/**
 * The entries for the tags that the registry lists; the platforms are those documented for a tag, else all.
 */
export function listedEntries(image: EmbeddedImage, tags: string[], source: string): Entry[] {
  const documented = new Map(
    image.documented.flatMap((group) => group.tags.map((tag) => [tag, group.platforms ?? image.platforms])),
  )
  return tags.flatMap((tag) => entriesFor(image, [tag], source, documented.get(tag) ?? image.platforms))
}

function entriesFor(image: EmbeddedImage, tags: string[], source: string, platforms: string[]): Entry[] {
  const rule = tagRule(image.tagRule)
  const known = platforms.map(parsePlatform)
  return tags.map((tag) => ({
    name: image.name,
    version: tag,
    ...rule(tag),
    ...platformsFor(image, tag, known),
    summary: image.summary,
    source,
    publisher: image.publisher,
    location: { kind: 'registry', reference: `${placeOf(image)}:${tag}` },
  }))
}

function platformsFor(
  image: EmbeddedImage,
  tag: string,
  known: Platform[],
): Pick<Entry, 'platform' | 'platforms'> {
  const [only, ...others] = known
  if (!only || others.length > 0) return { platforms: known }
  const isBuild =
    image.tagsAreBuilds === true && tag.split('.').length === 4 && parseVersion(tag) !== undefined
  return { platform: isBuild ? { ...only, 'os.version': tag } : only }
}
