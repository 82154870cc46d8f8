import {
  ContainerImageError,
  formatReference,
  isReference,
  parseReference,
  shortDigest,
} from '../../../manifests/index.js'
import { othersNote } from '../../choice/other-platforms.js'
import { closedAfter } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import { Failures } from '../../session/failures.js'
import { taggedImages } from '../../store/images.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { isPath, resolveTargets } from '../../targets/targets.js'
import { notesDamage } from '../get/get.js'
import type { ImageToPush } from '../push/image-to-push.js'
import { underOneTag } from '../push/one-tag.js'
import { imagesToPush } from '../push/push-images.js'
import { type CopyDestination, checkIsMeant, tagsAt } from './destination.js'
import type { CopyRequest } from './request.js'

/** The one image that a request means, open, with the tags that it gets. */
export interface ImageToCopy {
  image: ImageToPush
  close(): Promise<void>
}

/**
 * Finds the image that is copied. A full reference means its registry; an existing path means what is there;
 * any other name means what is installed under it, or else what the catalog has.
 * @throws AMBIGUOUS_NAME if it means several; NO_MATCH, PLATFORM_NOT_FOUND and what opening throws
 */
export async function imageToCopy(
  context: Context,
  word: string,
  destination: CopyDestination,
  request: CopyRequest,
): Promise<ImageToCopy> {
  if (await isInstalled(context, word, request))
    return await installedImage(context, word, destination, request)
  const { image: _, destination: __, tags, ...others } = request
  const opened = await resolveTargets(context, word, {
    ...others,
    onOthers: (left) => context.note(othersNote(left)),
  })
  try {
    const all = underOneTag(opened.images.map((image) => toCopy(image, destination, tags)))
    const image = onlyOne(word, all)
    checkIsMeant(destination, image.image.root.digest)
    return { image, close: () => opened.close() }
  } catch (error) {
    throw await closedAfter(error, () => opened.close())
  }
}

function toCopy(
  image: ChosenImages['images'][number],
  destination: CopyDestination,
  tags: string[] | undefined,
): ImageToPush {
  const from = image.reference === undefined ? undefined : parseReference(image.reference)
  const own = from ? from.tag : image.version || undefined
  return {
    image,
    repository: destination.repository,
    tags: tagsAt(destination, own, tags),
    mountFrom: from && from.registry === destination.registry ? from.repository : undefined,
  }
}

/** An installed image is copied without asking any source, unless one is named. */
async function isInstalled(context: Context, word: string, { source }: CopyRequest): Promise<boolean> {
  if (source !== undefined || isReference(word) || isPath(word)) return false
  const stored = await taggedImages(await context.store(), notesDamage(context))
  return imagesOfOne(word, stored).length > 0
}

async function installedImage(
  context: Context,
  word: string,
  destination: CopyDestination,
  request: CopyRequest,
): Promise<ImageToCopy> {
  const { image: _, destination: __, tags, ...others } = request
  const asked = { ...others, names: [word], registry: destination.registry, noLatest: true }
  // One image is copied, or none.
  const { images, close } = await imagesToPush(context, asked, new Failures({}))
  try {
    const [first] = images
    if (!first || images.length > 1)
      throw several(
        word,
        images.map(({ image }) => image),
      )
    checkIsMeant(destination, first.image.root.digest)
    return { image: { ...first, tags: tagsAt(destination, first.tags[0], tags) }, close }
  } catch (error) {
    throw await closedAfter(error, close)
  }
}

function onlyOne(word: string, images: ImageToPush[]): ImageToPush {
  const [first, ...others] = images
  if (first && others.every(({ image }) => image.root.digest === first.image.root.digest)) return first
  throw several(
    word,
    images.map(({ image }) => image),
  )
}

function several(word: string, images: ChosenImages['images']): ContainerImageError {
  return new ContainerImageError('AMBIGUOUS_NAME', `${word} means several images, and one name is for one.`, {
    side: 'source',
    expected: 'one image',
    found: images.map((image) => `${labelOf(image)} (${shortDigest(image.root.digest)})`).join(', '),
    remedy: 'Name one of them with its tag.',
  })
}

/** A repository with a tag, as a reference. */
export function tagged(repository: string, tag: string): string {
  return formatReference({ ...parseReference(repository), tag })
}
