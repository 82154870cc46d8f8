import { ambiguousNames } from '../../catalog/ambiguous.js'
import { hasWildcard, matcher } from '../../catalog/wildcard.js'
import { hasCode } from '../../manifests/index.js'
import type { Askable } from './askable.js'
import { ImagesByName } from './images-by-name.js'
import { repositoryFor } from './local-names.js'
import { splitDigestOff } from './split-digest-off.js'
import { splitTag } from './split-tag.js'

/**
 * The images that any of some texts means: `debian`, `debian:12*`, `debian@sha256:...`, `NanoServer`, the end
 * of a longer name, a full name, a digest, or the beginning of an id. All of them if there is no text.
 */
export function imagesNamed<T extends Askable>(
  texts: readonly string[] | undefined,
  images: readonly T[],
): T[] {
  if (!texts || texts.length === 0) return [...images]
  const meant = new Set(texts.flatMap((text) => imagesAsked(text, images)))
  return images.filter((image) => meant.has(image))
}

/**
 * The images that a text means, all of one repository unless it is a pattern or a digest.
 * @throws AMBIGUOUS_NAME if several repositories end in it, and none is exactly it
 */
export function imagesOfOne<T extends Askable>(text: string, images: readonly T[]): T[] {
  const meant = byName(text, images)
  const { name } = splitTag(splitDigestOff(text).name)
  const repositories = [...new Set(meant.map(({ repository }) => repository))]
  if (repositories.length > 1 && !hasWildcard(name)) throw ambiguousNames(repositories, name)
  return meant.length > 0 ? meant : byMark(text, images)
}

/** A name comes before what an image is marked with: `deadbeef` may be one. */
function imagesAsked<T extends Askable>(text: string, images: readonly T[]): T[] {
  const named = byName(text, images)
  return named.length > 0 ? named : byMark(text, images)
}

function byName<T extends Askable>(text: string, images: readonly T[]): T[] {
  const { name: reference, digest } = splitDigestOff(text)
  const { name, tag: said } = splitTag(reference)
  // With a digest, a tag means nothing, as for docker.
  const tag = digest === undefined ? said : undefined
  const byTag = tag === undefined ? () => true : matcher(tag)
  const isIts = (image: T): boolean =>
    digest === undefined || image.digest === digest || image.originIndex === digest
  const named = indexOf(images)
  return named.ofNames([name, ...ofTheCatalog(name)]).filter((image) => byTag(image.tag) && isIts(image))
}

/** A name of the catalog may have signs that a repository cannot have. */
function ofTheCatalog(name: string): string[] {
  if (hasWildcard(name)) return []
  try {
    return [repositoryFor(name)]
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return []
    throw error
  }
}

function byMark<T extends Askable>(text: string, images: readonly T[]): T[] {
  return indexOf(images).marked(text)
}

/** Whoever asks for a thousand images by their names asks the same list a thousand times. */
const indexes = new WeakMap<readonly Askable[], ImagesByName<Askable>>()

function indexOf<T extends Askable>(images: readonly T[]): ImagesByName<T> {
  const known = indexes.get(images)
  if (known?.count === images.length) return known as ImagesByName<T>
  const made = new ImagesByName(images)
  indexes.set(images, made)
  return made
}
