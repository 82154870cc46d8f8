import { wantedPlatform } from '../../catalog/default-platform.js'
import { emptyIndex, isImageEntry, platformNotFound } from '../../catalog/platform-choice.js'
import { fits } from '../../catalog/platform-fit.js'
import {
  ANNOTATIONS,
  type ArtifactKind,
  type Descriptor,
  hasCode,
  type ImageIndex,
  isIndexType,
  isManifestType,
  type LocalName,
  type Platform,
  sameMachine,
} from '../../manifests/index.js'
import { artifactAt } from '../copy/artifact-at.js'
import { readIndex } from '../copy/documents.js'
import { entriesBelow } from '../copy/index-entries.js'
import type { ImageSource } from '../copy/ports.js'
import { fullName } from '../names/full-name.js'
import { chosenEntry, platformInConfig } from './described-index.js'
import type { OtherPlatforms } from './other-platforms.js'

/** One image that a request means, in the source that has it. */
export interface ChosenImage {
  source: ImageSource
  root: Descriptor
  /** Its whole name: `NanoServer`, `debian`, `quay.io/opstree/redis`. Empty if it has none. */
  name: string
  version: string
  publisher?: string
  /** Its other name: the reference behind a name from the catalog. */
  otherNames?: LocalName[]
  /** The source in the catalog where it was found. */
  offeredBy?: string
  /** The full reference that it was resolved by, if it is in a registry. */
  reference?: string
  /** Undefined for an artifact. */
  platform: Platform | undefined
  /** What it is, if it is not an image. */
  artifact?: ArtifactKind
  annotations: Record<string, string>
  /** Blobs of it that were made for this run, and are in place before anything is copied. */
  made?: Descriptor[]
}

/** Which part of a root is meant. */
export interface RootChoice {
  /** What the user named. */
  platform?: Platform
  /** If the user named several: each of them is meant, and `platform` is left out. */
  platforms?: readonly Platform[]
  /** What is meant if the user named nothing; also decides which builds of Windows can run. */
  host: Platform
  allPlatforms: boolean
  /**
   * Called for an archive or a folder if one image was taken although there are several; default: nobody is
   * told.
   */
  onOthers?: ((left: OtherPlatforms) => void) | undefined
  signal?: AbortSignal
}

/** Splits a choice for several platforms into one for each. */
export function eachChoice({ platforms, ...choice }: RootChoice): RootChoice[] {
  return platforms === undefined ? [choice] : platforms.map((platform) => ({ ...choice, platform }))
}

/** What was chosen for several platforms, each image once. */
export function distinctImages(images: readonly ChosenImage[]): ChosenImage[] {
  const key = ({ name, version, root }: ChosenImage): string => JSON.stringify([name, version, root.digest])
  return [...new Map(images.map((image) => [key(image), image])).values()]
}

export interface ChosenRoot {
  root: Descriptor
  /** Of the image; for an index, of the image that represents it. Undefined for an artifact. */
  platform: Platform | undefined
  artifact?: ArtifactKind
  annotations: Record<string, string>
}

/**
 * The image of a root that a choice means: a manifest itself, one platform of an index, or the whole index.
 * @throws PLATFORM_NOT_FOUND, INVALID_DOCUMENT and what the source throws
 */
export async function chooseRoot(
  source: ImageSource,
  root: Descriptor,
  choice: RootChoice,
): Promise<ChosenRoot> {
  const artifact = await artifactAt(source, root, choice.signal)
  if (artifact) return wholeArtifact(root, artifact)
  if (!isIndexType(root.mediaType)) return await wholeImage(source, root, choice, root.platform)
  const manifests = await entriesBelow(root, source.label, (index) => readIndex(source, index, choice.signal))
  if (manifests.length === 0) throw emptyIndex(source.label)
  const index: ImageIndex = { schemaVersion: 2, manifests }
  if (choice.allPlatforms) return { root, platform: await standsFor(source, index, choice), annotations: {} }
  const chosen = await chosenEntry(source, index, (one) => wantedOf(one, choice), choice)
  const image = await wholeImage(source, chosen, choice, chosen.platform)
  return {
    root: chosen.platform ? { ...image.root, platform: chosen.platform } : image.root,
    platform: image.platform,
    annotations: {
      [ANNOTATIONS.originIndex]: root.digest,
      [ANNOTATIONS.originIndexSize]: String(root.size),
    },
  }
}

/** An artifact is taken as it is: it has no platform to choose by. */
function wholeArtifact(root: Descriptor, { kind, artifactType }: ArtifactKind): ChosenRoot {
  return {
    root: { ...root, artifactType },
    platform: undefined,
    artifact: { kind, artifactType },
    annotations: {},
  }
}

/** @param listed what an index says of it, which many configs do not: the variant of the machine */
async function wholeImage(
  source: ImageSource,
  root: Descriptor,
  choice: RootChoice,
  listed?: Platform,
): Promise<ChosenRoot> {
  const said = await platformInConfig(source, root, choice.signal)
  const platform = (said && withVariant(said, listed)) ?? choice.platform ?? choice.host
  const { platform: wanted } = choice
  if (wanted && !sameMachine(platform, wanted) && !fits(wanted, platform))
    throw platformNotFound(wanted, [platform], { label: source.label })
  return { root, platform, annotations: {} }
}

function withVariant(said: Platform, { os, architecture, variant }: Partial<Platform> = {}): Platform {
  const isLess = said.variant === undefined && said.os === os && said.architecture === architecture
  return isLess && variant !== undefined ? { ...said, variant } : said
}

function wantedOf(index: ImageIndex, choice: RootChoice): Platform {
  if (choice.platform) return choice.platform
  const offered = index.manifests.map((d) => d.platform).filter((p) => p !== undefined)
  return wantedPlatform(
    offered.filter((p) => p.os !== 'unknown'),
    choice.host,
  )
}

/** For which machine an index as a whole counts: the one that is wanted if it has that, else the first. */
async function standsFor(source: ImageSource, index: ImageIndex, choice: RootChoice): Promise<Platform> {
  try {
    const chosen = await chosenEntry(source, index, (one) => wantedOf(one, choice), choice)
    return chosen.platform ?? choice.host
  } catch (error) {
    if (!hasCode(error, 'PLATFORM_NOT_FOUND')) throw error
    const images = index.manifests.filter((entry) => isManifestType(entry.mediaType))
    const first = images.find(({ platform }) => platform) ?? images.find(isImageEntry)
    return first?.platform ?? (first && (await platformInConfig(source, first, choice.signal))) ?? choice.host
  }
}

/** Empty for an image without a name. */
export function fullNameOf({ name, version, publisher = 'Unknown' }: ChosenImage): string {
  return name === '' ? '' : fullName(publisher, name, version)
}
