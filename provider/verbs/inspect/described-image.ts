import path from 'node:path'
import { platformNotFound } from '../../../catalog/platform-choice.js'
import { groupedBy } from '../../../manifests/groups.js'
import {
  type ArtifactKind,
  artifactOf,
  ContainerImageError,
  type Descriptor,
  type Digest,
  hasCode,
  type ImageConfig,
  isIndexType,
  isManifestType,
  type Manifest,
  type Platform,
  parsePlatform,
} from '../../../manifests/index.js'
import { absentNotes } from '../../choice/absent-notes.js'
import { imagesIn } from '../../choice/archive-images.js'
import { type Attestation, attestedBy } from '../../choice/attestations.js'
import type { ChosenImage, RootChoice } from '../../choice/chosen-image.js'
import { rootsHeld } from '../../choice/held-roots.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { type NamedArtifact, toldApart } from '../../choice/told-apart.js'
import { readConfig, readIndex, readManifest } from '../../copy/documents.js'
import { refuseDeeper } from '../../copy/nesting.js'
import type { ImageCollection, ImageSource } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { openPath } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import type { Context } from '../../session/context.js'
import { asChosen } from '../../store/as-chosen.js'
import { shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { notInstalled } from '../../store/not-installed.js'
import { scratchOf } from '../../targets/open-options.js'
import { isPath } from '../../targets/targets.js'
import type { Trust } from '../../trust/images/signatures-of.js'

/** An image with its documents, read and verified. */
export interface DescribedImage {
  name: string
  tags: string[]
  root: Descriptor
  manifestDescriptor: Descriptor
  manifest: Manifest
  /** What it is, if it is not an image; then it has no image config. */
  artifact?: ArtifactKind
  config?: ImageConfig
  /** What the index that has it says about how it was made. */
  attestations?: Attestation[]
  trust?: Trust | undefined
}

/** How images are described. */
export interface Describing {
  platform?: string | undefined
  /** One image of an incomplete index is meant, and not all of them. */
  isOnePlatform?: boolean
  /** Finds out who signed an image, while its source is open. */
  judge?(image: ChosenImage): Promise<Trust>
}

/**
 * The images that a name of the store, or the path of an archive, means.
 * @throws NOT_INSTALLED, ARCHIVE_UNKNOWN, PLATFORM_NOT_FOUND, INVALID_DOCUMENT
 */
export async function describeImages(
  context: Context,
  name: string,
  how: Describing = {},
): Promise<DescribedImage[]> {
  const { platform, isOnePlatform = false } = how
  const choice: RootChoice = {
    host: hostPlatform(),
    allPlatforms: !isOnePlatform,
    platform: platform ? parsePlatform(platform) : undefined,
    signal: context.options.signal,
  }
  const stored = await inStore(context, name, choice, how)
  if (stored.length > 0) return stored
  if (isPath(name)) return await inArchive(context, name, choice, how)
  throw notInstalled(name, (await installedIn(context)).images.map(shownName))
}

/** What a run looks at in the store. */
interface Installed {
  images: TaggedImage[]
  /** Undefined where there is no image. */
  source: ImageCollection | undefined
}

const installed = new WeakMap<Context, Promise<Installed>>()

/** What the store has, read once in a run: it may look at a thousand images by their names. */
export async function installedIn(context: Context): Promise<Installed> {
  const known = installed.get(context) ?? readInstalled(context)
  installed.set(context, known)
  return await known
}

async function readInstalled(context: Context): Promise<Installed> {
  const store = await context.store()
  const images = await taggedImages(store)
  return { images, source: images.length > 0 ? await storeLayout(store) : undefined }
}

async function inStore(
  context: Context,
  name: string,
  choice: RootChoice,
  how: Describing,
): Promise<DescribedImage[]> {
  const { images: all, source } = await installedIn(context)
  const images = imagesOfOne(name, all)
  if (!source || images.length === 0) return []
  const named = byEntry(preferLatest(images, name)).flatMap((group) => {
    const [first] = group
    const tags = group.map((image) => image.refName).filter((refName) => refName !== '')
    return first ? [{ root: first.entry, tags, chosen: asChosen(source, first) }] : []
  })
  return await describeNamed(source, named, choice, how)
}

/** The images of an archive as install would choose them, by their digests; none if it would choose none. */
async function chosenIn(collection: ImageCollection, choice: RootChoice): Promise<Map<Digest, ChosenImage>> {
  const { platform: _, ...whole } = choice
  const chosen = await imagesIn(collection, {}, { ...whole, allPlatforms: true }).catch((error) => {
    if (error instanceof ContainerImageError && error.code !== 'INTERRUPTED') return []
    throw error
  })
  return new Map(chosen.map((image) => [image.root.digest, image]))
}

interface NamedRoot {
  root: Descriptor
  tags: string[]
  /** As install would choose it. */
  chosen?: ChosenImage | undefined
}

/**
 * If there are several, each for one platform, a platform chooses.
 * @throws PLATFORM_NOT_FOUND with those of all
 */
async function describeNamed(
  source: ImageCollection,
  named: NamedRoot[],
  choice: RootChoice,
  { judge }: Describing,
): Promise<DescribedImage[]> {
  const described: DescribedImage[] = []
  const offered: Platform[] = []
  for (const { root, tags, chosen } of named)
    try {
      for (const held of await rootsHeld(source, root, choice))
        described.push({
          ...(await describe(source, held.named, held.image, tags)),
          trust: chosen && (await judge?.(chosen)),
        })
    } catch (error) {
      if (!choice.platform || named.length === 1 || !hasCode(error, 'PLATFORM_NOT_FOUND')) throw error
      const { platforms } = error.details ?? {}
      if (Array.isArray(platforms)) offered.push(...platforms.map((one) => parsePlatform(String(one))))
    }
  if (described.length === 0 && choice.platform)
    throw platformNotFound(choice.platform, offered, { label: source.label })
  return described
}

/** A bare name means `latest` if there is one, as in docker. */
function preferLatest(images: TaggedImage[], name: string): TaggedImage[] {
  const latest = images.filter((image) => image.tag === 'latest' && splitTag(name).tag === undefined)
  return latest.length > 0 ? images.filter((image) => image.entry.digest === latest[0]?.entry.digest) : images
}

function byEntry(images: TaggedImage[]): TaggedImage[][] {
  return [...groupedBy(images, ({ entry }) => entry.digest).values()]
}

async function inArchive(
  context: Context,
  file: string,
  choice: RootChoice,
  how: Describing,
): Promise<DescribedImage[]> {
  const { signal } = context.options
  const collection: ImageCollection = await openPath(path.resolve(file), {
    scratch: scratchOf(context),
    mayBeUnknown: true,
    platform: how.platform,
    signal,
  })
  return await closing(collection, async () => {
    const chosen = how.judge ? await chosenIn(collection, choice) : new Map<Digest, ChosenImage>()
    const groups = new Map<string, NamedRoot>()
    const { images, artifacts, travelling } = await toldApart(collection, signal)
    for (const { root, refName } of [...images, ...artifacts]) {
      const group = groups.get(root.digest) ?? { root, tags: [], chosen: chosen.get(root.digest) }
      if (refName) group.tags.push(refName)
      groups.set(root.digest, group)
    }
    const described = await describeNamed(collection, [...groups.values()], choice, how)
    for (const note of await absentNotes(collection, signal)) context.note(note)
    return [...described, ...(await describeTravelling(collection, travelling))]
  })
}

/** Artifacts that go with an image are shown after the images, under their names there. */
async function describeTravelling(
  collection: ImageCollection,
  travelling: NamedArtifact[],
): Promise<DescribedImage[]> {
  const described: DescribedImage[] = []
  // The list of referrers names artifacts that have their own entries.
  for (const { root, refName } of travelling.filter((one) => isManifestType(one.root.mediaType)))
    described.push(await describe(collection, root, root, refName ? [refName] : []))
  return described
}

async function describe(
  source: ImageSource,
  root: Descriptor,
  image: Descriptor,
  tags: string[],
): Promise<DescribedImage> {
  const manifestDescriptor = await firstManifest(source, image)
  const manifest = await readManifest(source, manifestDescriptor)
  const artifact = artifactOf(manifest)
  const own = artifact ? { artifact } : { config: await readConfig(source, manifest.config) }
  const index = isIndexType(root.mediaType) ? root : undefined
  const attested = await attestedBy(source, index, manifestDescriptor.digest)
  return { name: tags[0] ?? root.digest, tags, root, manifestDescriptor, manifest, ...own, ...attested }
}

/** A list of artifacts has no platforms to choose from: its first represents it. */
async function firstManifest(source: ImageSource, root: Descriptor): Promise<Descriptor> {
  let descriptor = root
  for (let depth = 0; isIndexType(descriptor.mediaType); depth++) {
    refuseDeeper(depth, source.label)
    const [first] = (await readIndex(source, descriptor)).manifests
    if (!first) break
    descriptor = first
  }
  return descriptor
}
