import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Descriptor, type ImageConfig, type Manifest, parsePlatform } from '../../../manifests/index.js'
import { absentNotes } from '../../choice/absent-notes.js'
import { isArtifact } from '../../choice/archive-images.js'
import type { RootChoice } from '../../choice/chosen-image.js'
import { rootsHeld } from '../../choice/held-roots.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { readConfig, readManifest } from '../../copy/documents.js'
import type { ImageCollection, ImageSource } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { openPath } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import type { Context } from '../../session/context.js'
import { notInstalled, shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { scratchOf } from '../../targets/open-options.js'

/** An image with its documents, read and verified. */
export interface DescribedImage {
  name: string
  tags: string[]
  root: Descriptor
  manifestDescriptor: Descriptor
  manifest: Manifest
  config: ImageConfig
}

/**
 * The images that a name of the store, or the path of an archive, means.
 * @param isOnePlatform whether of an index that is there in part one image is meant, and not all of them
 * @throws NOT_INSTALLED, ARCHIVE_UNKNOWN, PLATFORM_NOT_FOUND, INVALID_DOCUMENT
 */
export async function describeImages(
  context: Context,
  name: string,
  platform?: string,
  isOnePlatform = false,
): Promise<DescribedImage[]> {
  const choice: RootChoice = {
    host: hostPlatform(),
    allPlatforms: !isOnePlatform,
    ...(platform ? { platform: parsePlatform(platform) } : {}),
    signal: context.options.signal,
  }
  const installed = await inStore(context, name, choice)
  if (installed.length > 0) return installed
  if (existsSync(name)) return await inArchive(context, name, choice, platform)
  const all = await taggedImages(await context.store())
  throw notInstalled(name, all.map(shownName))
}

async function inStore(context: Context, name: string, choice: RootChoice): Promise<DescribedImage[]> {
  const store = await context.store()
  const images = imagesOfOne(name, await taggedImages(store))
  if (images.length === 0) return []
  const source = await storeLayout(store.places)
  const described: DescribedImage[] = []
  for (const group of byEntry(preferLatest(images, name))) {
    const [first] = group
    if (!first) continue
    const tags = group.map((image) => image.refName).filter((refName) => refName !== '')
    for (const held of await rootsHeld(source, first.entry, choice))
      described.push(await describe(source, held.named, held.image, tags))
  }
  return described
}

/** A bare name means `latest` where there is one, as docker has it. */
function preferLatest(images: TaggedImage[], name: string): TaggedImage[] {
  const latest = images.filter((image) => image.tag === 'latest' && splitTag(name).tag === undefined)
  return latest.length > 0 ? images.filter((image) => image.entry.digest === latest[0]?.entry.digest) : images
}

function byEntry(images: TaggedImage[]): TaggedImage[][] {
  const groups = new Map<string, TaggedImage[]>()
  for (const image of images)
    groups.set(image.entry.digest, [...(groups.get(image.entry.digest) ?? []), image])
  return [...groups.values()]
}

async function inArchive(
  context: Context,
  file: string,
  choice: RootChoice,
  platform?: string,
): Promise<DescribedImage[]> {
  const { signal } = context.options
  const collection: ImageCollection = await openPath(path.resolve(file), {
    scratch: scratchOf(context),
    mayBeUnknown: true,
    ...(platform ? { platform } : {}),
    signal,
  })
  return await closing(collection, async () => {
    const groups = new Map<string, { root: Descriptor; tags: string[] }>()
    for (const { root, refName } of (await collection.images()).filter((image) => !isArtifact(image))) {
      const group = groups.get(root.digest) ?? { root, tags: [] }
      if (refName) group.tags.push(refName)
      groups.set(root.digest, group)
    }
    const described: DescribedImage[] = []
    for (const { root, tags } of groups.values())
      for (const held of await rootsHeld(collection, root, choice))
        described.push(await describe(collection, held.named, held.image, tags))
    for (const note of await absentNotes(collection, signal)) context.note(note)
    return described
  })
}

async function describe(
  source: ImageSource,
  root: Descriptor,
  image: Descriptor,
  tags: string[],
): Promise<DescribedImage> {
  const manifest = await readManifest(source, image)
  const config = await readConfig(source, manifest.config)
  return { name: tags[0] ?? root.digest, tags, root, manifestDescriptor: image, manifest, config }
}
