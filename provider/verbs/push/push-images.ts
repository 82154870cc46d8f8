import { existsSync } from 'node:fs'
import { groupedBy } from '../../../manifests/groups.js'
import { ANNOTATIONS, command, type Digest } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { newestOfEachName } from '../../choice/newest.js'
import { othersNote } from '../../choice/other-platforms.js'
import type { ImageSource } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { closeAll, closedAfter } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { labelOf, namesOfImage } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { publisherOf, shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { notInstalled } from '../../store/not-installed.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { resolveTargets } from '../../targets/targets.js'
import { isWrittenAsPath } from '../../targets/written-as-path.js'
import { notesDamage } from '../get/get.js'
import type { ImageToPush } from './image-to-push.js'
import { underOneTag } from './one-tag.js'
import type { PushRequest } from './request.js'

export interface ImagesToPush {
  images: ImageToPush[]
  /** Everything in the store, to find repositories that may already have a blob. */
  stored: TaggedImage[]
  close(): Promise<void>
}

/**
 * The images that the names of a request mean: installed ones by name or pattern, others by the path of an archive.
 * @throws NOT_INSTALLED, PATH_NOT_FOUND and what opening an archive throws
 */
export async function imagesToPush(
  context: Context,
  request: PushRequest,
  failures: Failures,
): Promise<ImagesToPush> {
  const stored = await taggedImages(await context.store(), notesDamage(context))
  const ofOneImage = groupedBy(stored, keyOf)
  const open: ChosenImages[] = []
  const close = (): Promise<void> => closeAll(open)
  try {
    const images: ImageToPush[] = []
    const archived: ArchivedImage[] = []
    let store: ImageSource | undefined
    const add = async (name: string): Promise<void> => {
      const installed = isWrittenAsPath(name) ? [] : imagesOfOne(name, stored)
      if (installed.length > 0) {
        store ??= await storeSource(context)
        images.push(...fromStore(store, installed, ofOneImage, request))
        return
      }
      if (!isWrittenAsPath(name) && !existsSync(name)) throw notInstalled(name, stored.map(shownName))
      await forEachArchive(context, [name], async (from) => {
        const opened = await resolveTargets(context, from, {
          ...request,
          name: undefined,
          version: undefined,
          onOthers: (left) => context.note(othersNote(left)),
        })
        open.push(opened)
        for (const image of opened.images) if (image.name === '') context.note(withoutName(image))
        archived.push(...opened.images.map((image) => ({ image, from })))
      })
    }
    for (const name of request.names) await failures.attempt(name, () => add(name))
    images.push(...fromArchives(archived, request))
    return { images: underOneTag(distinctImages(images)), stored, close }
  } catch (error) {
    throw await closedAfter(error, close)
  }
}

async function storeSource(context: Context): Promise<ImageSource> {
  return await storeLayout(await context.store())
}

/** Each image once, with the requested tags, or all of its tags if only `latest` was requested. */
function fromStore(
  source: ImageSource,
  asked: TaggedImage[],
  stored: ReadonlyMap<string, TaggedImage[]>,
  request: PushRequest,
): ImageToPush[] {
  return [...groupedBy(asked, keyOf).values()].map((group) => {
    const [first] = group as [TaggedImage]
    const all = (stored.get(keyOf(first)) ?? group).map((image) => image.tag)
    const named = group.map((image) => image.tag).filter((tag) => tag !== 'latest')
    const others = named.length > 0 ? named : all.filter((tag) => tag !== 'latest')
    const latest = all.includes('latest') && (!request.noLatest || others.length === 0) ? ['latest'] : []
    return { image: chosen(source, first), repository: first.repository, tags: [...others, ...latest] }
  })
}

/** The names of one image in one repository have one key. */
function keyOf({ digest, repository }: TaggedImage): string {
  return `${repository} ${digest}`
}

function chosen(source: ImageSource, stored: TaggedImage): ChosenImage {
  const { entry, name, version, platform, artifact, manifest, config } = stored
  const { annotations = {}, ...root } = entry
  const origin = annotations[ANNOTATIONS.originIndex]
  const originSize = annotations[ANNOTATIONS.originIndexSize]
  return {
    source,
    root,
    name,
    version,
    platform,
    artifact,
    publisher: publisherOf(annotations, manifest, config),
    annotations: {
      ...(origin ? { [ANNOTATIONS.originIndex]: origin } : {}),
      ...(originSize ? { [ANNOTATIONS.originIndexSize]: originSize } : {}),
    },
  }
}

/** In a registry everything is addressed by its repository. */
function withoutName(image: ChosenImage): string {
  const what = image.artifact?.kind ?? 'image'
  return `${labelOf(image)} (${what}) has no name and is not pushed: install it, and name it with ${command('tag')}.`
}

interface ArchivedImage {
  image: ChosenImage
  from: string
}

/** As install would tag them: if there are several versions, the newest is `latest`. */
function fromArchives(archived: ArchivedImage[], { noLatest }: PushRequest): ImageToPush[] {
  const newest = newestOfEachName(archived.map(({ image }) => image))
  return archived.flatMap(({ image, from }) => {
    const names = namesOfImage(image, !noLatest && newest.has(image))
    const repositories = [...new Set(names.map(({ repository }) => repository))]
    return repositories.map((repository) => ({
      image,
      repository,
      tags: names.filter((name) => name.repository === repository).map(({ tag }) => tag),
      from,
    }))
  })
}

/** An image that was named twice is pushed once, with both sets of tags. */
function distinctImages(images: ImageToPush[]): ImageToPush[] {
  const found = new Map<string, ImageToPush>()
  for (const one of images) {
    const key = `${one.repository} ${one.image.root.digest satisfies Digest}`
    const known = found.get(key)
    found.set(key, known ? { ...known, tags: [...new Set([...known.tags, ...one.tags])] } : one)
  }
  return [...found.values()]
}
