import { wantedPlatform } from '../../catalog/default-platform.js'
import { choosePlatform } from '../../catalog/platform-choice.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  formatPlatform,
  hasCode,
  isIndexType,
  type Platform,
} from '../../manifests/index.js'
import { artifactAt } from '../copy/artifact-at.js'
import { type IndexParts, partsOf } from '../copy/index-parts.js'
import type { ImageCollection } from '../copy/ports.js'
import { type ChosenRoot, chooseRoot, type RootChoice } from './chosen-image.js'

/** A root that is there, with the image that it means: itself, or one of an index. */
export interface HeldRoot extends ChosenRoot {
  image: Descriptor
  /** What its name refers to: the index if that is complete, even if one image of it is requested. */
  named: Descriptor
  /** Images of the same index that are there, and were not chosen though nobody named a platform. */
  others?: Descriptor[]
}

/**
 * What a choice means within a root of an archive. A complete index is one root, unless one platform is
 * requested; in an incomplete index, each image that is there is a root of its own.
 * @throws PLATFORM_NOT_FOUND with the platforms that are there, BLOB_MISSING if no image of an index is
 */
export async function rootsHeld(
  collection: ImageCollection,
  root: Descriptor,
  choice: RootChoice,
): Promise<HeldRoot[]> {
  if (!isIndexType(root.mediaType) || (await artifactAt(collection, root, choice.signal))) {
    const chosen = await chooseRoot(collection, root, choice)
    return [{ ...chosen, image: chosen.root, named: root }]
  }
  const parts = await partsOf(collection, root, choice.signal)
  if (parts.images.length === 0) throw nothingOf(collection, root, parts)
  if (parts.lacking.size === 0 && choice.platform === undefined) return [wholeIndex(root, parts, choice)]
  const isAll = choice.allPlatforms && choice.platform === undefined
  const images = isAll ? parts.images : [onlyOrChosen(parts, choice)]
  const held: HeldRoot[] = []
  const others =
    isAll || choice.platform !== undefined ? [] : parts.images.filter((one) => !images.includes(one))
  for (const image of images) held.push({ ...(await fromIndex(collection, root, image, choice)), others })
  return parts.lacking.size === 0 ? held.map((one) => ({ ...one, named: root })) : held
}

function wholeIndex(root: Descriptor, parts: IndexParts, choice: RootChoice): HeldRoot {
  const image = standingFor(parts, choice)
  return { root, image, named: root, platform: image.platform ?? choice.host, annotations: {} }
}

/** The image that represents an index: this machine's, else the first. */
function standingFor(parts: IndexParts, choice: RootChoice): Descriptor {
  try {
    return chosenOf(parts, choice)
  } catch (error) {
    const [first] = parts.images
    if (!first || !hasCode(error, 'PLATFORM_NOT_FOUND')) throw error
    return first
  }
}

function onlyOrChosen(parts: IndexParts, choice: RootChoice): Descriptor {
  const [only, ...others] = parts.images
  return only && others.length === 0 && choice.platform === undefined ? only : chosenOf(parts, choice)
}

function chosenOf({ images }: IndexParts, { platform, host }: RootChoice): Descriptor {
  const offered = images.map((image) => image.platform).filter((one): one is Platform => one !== undefined)
  return choosePlatform(
    { schemaVersion: 2, manifests: images },
    platform ?? wantedPlatform(offered, host),
    host,
  )
}

/**
 * The index that the image was named by is recorded: signatures may be for it, and people may ask for its
 * digest.
 */
async function fromIndex(
  collection: ImageCollection,
  index: Descriptor,
  image: Descriptor,
  choice: RootChoice,
): Promise<HeldRoot> {
  const chosen = await chooseRoot(collection, image, choice)
  return {
    root: chosen.root,
    image: chosen.root,
    named: chosen.root,
    platform: chosen.platform,
    annotations: {
      [ANNOTATIONS.originIndex]: index.digest,
      [ANNOTATIONS.originIndexSize]: String(index.size),
    },
  }
}

function nothingOf(
  collection: ImageCollection,
  root: Descriptor,
  { absent }: IndexParts,
): ContainerImageError {
  if (absent.length === 0) return namesNoImage(collection, root)
  return new ContainerImageError(
    'BLOB_MISSING',
    `${collection.label} has an index, and none of the images that it names.`,
    {
      side: 'source',
      expected: namesOf(absent),
      found: 'nothing',
      details: { digest: root.digest },
    },
  )
}

/** Nothing was lost: it is empty, or says of everything in it that nobody can run it. */
function namesNoImage({ label }: ImageCollection, { digest }: Descriptor): ContainerImageError {
  return new ContainerImageError(
    'INVALID_DOCUMENT',
    `${label} has an index that names no image for a known platform.`,
    {
      side: 'source',
      expected: 'an image for a platform such as linux/amd64',
      found: 'none',
      details: { digest },
    },
  )
}

/** Entries of an index in words: their platforms, or what they are if they give none. */
export function namesOf(entries: readonly Descriptor[]): string {
  const names = entries.map(({ platform, digest }) => (platform ? formatPlatform(platform) : digest))
  const shown = [...new Set(names)].slice(0, MOST_SHOWN)
  return names.length > 0 ? `${shown.join(', ')}${names.length > shown.length ? ', ...' : ''}` : 'an image'
}

const MOST_SHOWN = 12
