import { wantedPlatform } from '../../catalog/default-platform.js'
import type { Entry } from '../../catalog/entry.js'
import { platformNotFound } from '../../catalog/platform-choice.js'
import { compareFit, fits } from '../../catalog/platform-fit.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Digest,
  isDigest,
  option,
  type Platform,
  sameMachine,
} from '../../manifests/index.js'
import type { ImageCollection, NamedImage } from '../copy/ports.js'
import { groupedByName, identityOf, isUnnamed, type NameChoice } from './archive-identity.js'
import { type ChosenImage, chooseRoot, distinctImages, eachChoice, type RootChoice } from './chosen-image.js'
import { rootsHeld } from './held-roots.js'
import { type ToldApart, toldApart } from './told-apart.js'

/**
 * The images that an archive or a folder holds, each once, under the name and version that the user gives,
 * else those from the archive, else the file's own name.
 * @param entry of a catalog, if only the image that it names is meant
 * @throws ARCHIVE_UNKNOWN if it holds none, USAGE if one name is given for several
 */
export async function imagesIn(
  collection: ImageCollection,
  names: NameChoice,
  choice: RootChoice,
  entry?: Pick<Entry, 'name' | 'version' | 'digest'>,
): Promise<ChosenImage[]> {
  const images: ChosenImage[] = []
  for (const one of eachChoice(choice)) images.push(...(await imagesFor(one, collection, names, entry)))
  return distinctImages(images)
}

async function imagesFor(
  choice: RootChoice,
  collection: ImageCollection,
  names: NameChoice,
  entry?: Pick<Entry, 'name' | 'version' | 'digest'>,
): Promise<ChosenImage[]> {
  const apart = await toldApart(collection, choice.signal)
  const wanted = groupedByName(apart.images)
  const artifacts = await artifactsIn(collection, apart, names, choice)
  if (wanted.length === 0 && artifacts.length === 0) throw holdsNothing(collection.label)
  const offered = entry ? artifacts.filter(({ root }) => root.digest === entry.digest) : []
  if (offered.length > 0) return offered
  if ((names.name !== undefined || names.version !== undefined) && wanted.length > 1)
    throw new ContainerImageError('USAGE', `${collection.label} holds ${wanted.length} images.`, {
      expected: `one image, where ${option('name')} or ${option('version')} is given`,
      found: `${wanted.length} images`,
      remedy: `Leave ${option('name')} and ${option('version')} out.`,
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
  return entry ? chosen : [...chosen, ...artifacts.map((artifact) => withoutTakenName(artifact, chosen))]
}

/**
 * By its digest if none has the name from the catalog, and all of them if that is not known either: then the
 * name comes from elsewhere.
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

function holdsNothing(label: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${label} holds no image.`, {
    side: 'source',
    expected: 'one image or more',
    found: 'none',
  })
}

/**
 * What is not an image has the name from the archive, or none: the file's own name is for an image. If there
 * are only artifacts, the user's name is for them.
 */
async function artifactsIn(
  collection: ImageCollection,
  { images, artifacts }: ToldApart,
  names: NameChoice,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const grouped = groupedByName(artifacts)
  const given = images.length === 0 && grouped.length === 1 ? names : {}
  const chosen: ChosenImage[] = []
  for (const { image, otherNames } of grouped) {
    const identity = identityOf(image, collection.label, given, false)
    const { root, artifact } = await chooseRoot(collection, image.root, choice)
    chosen.push({
      source: collection,
      root,
      artifact,
      platform: undefined,
      annotations: {},
      ...identity,
      otherNames,
    })
  }
  return chosen
}

/**
 * An image's name, and its `latest`, belong to the image; an artifact with the same name is kept by its
 * digest.
 */
function withoutTakenName(artifact: ChosenImage, images: ChosenImage[]): ChosenImage {
  const isTaken = images.some(
    ({ name, version }) =>
      name.toLowerCase() === artifact.name.toLowerCase() && [version, 'latest'].includes(artifact.version),
  )
  return isTaken ? { ...artifact, name: '', version: '', otherNames: [] } : artifact
}

/** An image of an archive, and what it is called. */
interface IdentifiedImage {
  image: NamedImage
  identity: Pick<ChosenImage, 'name' | 'version' | 'publisher' | 'otherNames'>
}

/** One name and version may have an image for each platform. @throws PLATFORM_NOT_FOUND */
async function chooseOf(
  collection: ImageCollection,
  group: IdentifiedImage[],
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const [first, ...others] = group
  if (first && others.length === 0) return await chooseIn(collection, first, choice)
  const { platform, ...anyPlatform } = choice
  const found: ChosenImage[] = []
  for (const one of group) found.push(...(await chooseIn(collection, one, anyPlatform)))
  const images = eachOnce(found)
  const platforms = images.flatMap((image) => image.platform ?? [])
  if (choice.allPlatforms || (platform === undefined && haveOneMachine(platforms))) return images
  const wanted = platform ?? wantedPlatform(platforms, choice.host)
  const [best] = platforms.filter((offered) => fits(wanted, offered)).sort((a, b) => compareFit(wanted, a, b))
  if (!best)
    throw platformNotFound(wanted, platforms, { label: `${first?.identity.name} ${first?.identity.version}` })
  const isTaken = (offered: Platform): boolean => fits(wanted, offered) && sameMachine(offered, best)
  if (platform === undefined)
    tellOthers(
      choice,
      first,
      platforms.filter((one) => !isTaken(one)),
    )
  return images.filter((image) => image.platform && isTaken(image.platform))
}

function tellOthers(choice: RootChoice, one: IdentifiedImage | undefined, others: Platform[]): void {
  if (!one || others.length === 0) return
  const { name, version } = one.identity
  choice.onOthers?.({ name: `${name} ${version}`.trim(), others })
}

/** An archive may name both an image and an index of which only that image is there. */
function eachOnce(images: ChosenImage[]): ChosenImage[] {
  const once = new Map<Digest, ChosenImage>()
  for (const image of images) {
    const known = once.get(image.root.digest)
    const annotations = { ...image.annotations, ...known?.annotations }
    once.set(image.root.digest, { ...(known ?? image), annotations })
  }
  return [...once.values()]
}

function haveOneMachine([first, ...others]: Platform[]): boolean {
  return first !== undefined && others.every((other) => sameMachine(first, other))
}

/** One image, or several of an incomplete index. */
async function chooseIn(
  collection: ImageCollection,
  one: IdentifiedImage,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const { image, identity } = one
  const held = await rootsHeld(collection, image.root, choice)
  tellOthers(
    choice,
    one,
    held.flatMap(({ others = [] }) => others.flatMap(({ platform }) => platform ?? [])),
  )
  return held.map(({ root, platform, annotations }) => ({
    source: collection,
    root,
    platform,
    annotations: { ...originOf(image), ...originalOf(image), ...annotations },
    ...identity,
    made: collection.made?.(),
  }))
}

/** Signatures may be for the index that the image was once chosen from. */
function originOf(image: NamedImage): Record<string, string> {
  const { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size } = image.annotations
  if (!isDigest(digest) || !size || !/^\d{1,9}$/.test(size)) return {}
  return { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size }
}

/** The original of this manifest, if its layers are kept uncompressed. */
function originalOf({ annotations }: NamedImage): Record<string, string> {
  const original = annotations[ANNOTATIONS.original]
  return isDigest(original) ? { [ANNOTATIONS.original]: original } : {}
}
