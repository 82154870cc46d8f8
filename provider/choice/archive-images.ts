import { wantedPlatform } from '../../catalog/default-platform.js'
import type { Entry } from '../../catalog/entry.js'
import { platformNotFound } from '../../catalog/platform-choice.js'
import { compareFit, fits } from '../../catalog/platform-fit.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  isArtifactEntry,
  isDigest,
  isIndexType,
  isManifestType,
  type Platform,
  sameMachine,
} from '../../manifests/index.js'
import type { ImageCollection, NamedImage } from '../copy/ports.js'
import { groupedByName, identityOf, isUnnamed, type NameChoice } from './archive-identity.js'
import type { ChosenImage, RootChoice } from './chosen-image.js'
import { rootsHeld } from './held-roots.js'

/**
 * The images that an archive or a folder holds, each once, under the name and version that the user gives,
 * else those that the archive gives, else the file's own name.
 * @param entry of a catalog, where only the image that it stands for is meant
 * @throws ARCHIVE_UNKNOWN where it holds none, USAGE where one name is given for several
 */
export async function imagesIn(
  collection: ImageCollection,
  names: NameChoice,
  choice: RootChoice,
  entry?: Pick<Entry, 'name' | 'version' | 'digest'>,
): Promise<ChosenImage[]> {
  const wanted = groupedByName((await collection.images()).filter((image) => !isArtifact(image)))
  if (wanted.length === 0)
    throw new ContainerImageError('ARCHIVE_UNKNOWN', `${collection.label} holds no image.`, {
      side: 'source',
      expected: 'one image or more',
      found: 'none',
    })
  if ((names.name !== undefined || names.version !== undefined) && wanted.length > 1)
    throw new ContainerImageError('USAGE', `${collection.label} holds ${wanted.length} images.`, {
      expected: 'one image, where --name or --version is given',
      found: `${wanted.length} images`,
      remedy: 'Leave --name and --version out.',
    })
  const isAlone = wanted.filter(({ image }) => isUnnamed(image)).length === 1
  const groups = new Map<string, IdentifiedImage[]>()
  for (const { image, otherNames } of wanted) {
    const identity = identityOf(image, collection.label, names, isAlone)
    const key =
      identity.name === '' ? image.root.digest : `${identity.name.toLowerCase()} ${identity.version}`
    groups.set(key, [...(groups.get(key) ?? []), { image, identity: { ...identity, otherNames } }])
  }
  const chosen: ChosenImage[] = []
  for (const group of entry ? groupsMeant([...groups.values()], entry) : groups.values())
    chosen.push(...(await chooseOf(collection, group, choice)))
  return chosen
}

/**
 * By its digest where none is called as the catalog says, and all of them where that is not known either: then it has
 * the name from elsewhere.
 */
function groupsMeant(
  groups: IdentifiedImage[][],
  { name, version, digest }: Pick<Entry, 'name' | 'version' | 'digest'>,
): IdentifiedImage[][] {
  const isCalled = ({ identity }: IdentifiedImage): boolean =>
    identity.name === name && identity.version === version
  const isCalledBesides = ({ identity }: IdentifiedImage): boolean =>
    (identity.otherNames ?? []).some((other) => other.repository === name && other.tag === version)
  const called = groups.filter((group) => group.some((one) => isCalled(one) || isCalledBesides(one)))
  const among = called.length > 0 ? called : groups
  const pinned = among.map((group) => group.filter(({ image }) => image.root.digest === digest))
  if (pinned.some((group) => group.length > 0)) return pinned.filter((group) => group.length > 0)
  return among
}

/** An image of an archive, and what it is called. */
interface IdentifiedImage {
  image: NamedImage
  identity: Pick<ChosenImage, 'name' | 'version' | 'publisher' | 'otherNames'>
}

/** Of one name and version there may be an image for each platform. @throws PLATFORM_NOT_FOUND */
async function chooseOf(
  collection: ImageCollection,
  group: IdentifiedImage[],
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const [first, ...others] = group
  if (first && others.length === 0) return await chooseIn(collection, first, choice)
  const { platform, ...anyPlatform } = choice
  const images: ChosenImage[] = []
  for (const one of group) images.push(...(await chooseIn(collection, one, anyPlatform)))
  const platforms = images.map((image) => image.platform)
  if (choice.allPlatforms || (platform === undefined && haveOneMachine(platforms))) return images
  const wanted = platform ?? wantedPlatform(platforms, choice.host)
  const fitting = images.filter((image) => fits(wanted, image.platform))
  const [best] = fitting.map((image) => image.platform).sort((a, b) => compareFit(wanted, a, b))
  if (!best) throw platformNotFound(wanted, platforms, `${first?.identity.name} ${first?.identity.version}`)
  return fitting.filter((image) => sameMachine(image.platform, best))
}

function haveOneMachine([first, ...others]: Platform[]): boolean {
  return first !== undefined && others.every((other) => sameMachine(first, other))
}

/** One image, or of an index that is there in part several. */
async function chooseIn(
  collection: ImageCollection,
  { image, identity }: IdentifiedImage,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const held = await rootsHeld(collection, image.root, choice)
  return held.map(({ root, platform, annotations }) => ({
    source: collection,
    root,
    platform,
    annotations: { ...originOf(image), ...originalOf(image), ...annotations },
    ...identity,
    made: collection.made?.(),
  }))
}

/** The index that the image was once chosen from is what its signatures may be over. */
function originOf(image: NamedImage): Record<string, string> {
  const { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size } = image.annotations
  if (!isDigest(digest) || !size || !/^\d{1,9}$/.test(size)) return {}
  return { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size }
}

/** The manifest that this one stands for, where its layers are kept plain. */
function originalOf({ annotations }: NamedImage): Record<string, string> {
  const original = annotations[ANNOTATIONS.original]
  return isDigest(original) ? { [ANNOTATIONS.original]: original } : {}
}

/** What is no image at all, or an artifact that travels with one. */
export function isArtifact(image: NamedImage): boolean {
  const isImageType = isManifestType(image.root.mediaType) || isIndexType(image.root.mediaType)
  return !isImageType || isArtifactEntry({ ...image.root, annotations: image.annotations })
}
