import { stat } from 'node:fs/promises'
import type { Entry } from '../../catalog/entry.js'
import { noMatch } from '../../catalog/no-match.js'
import {
  ContainerImageError,
  familiarName,
  formatReference,
  hasCode,
  insteadOf,
  isReference,
  type LocalName,
  type Platform,
  parseReference,
  show,
} from '../../manifests/index.js'
import { notesOn } from '../choice/absent-notes.js'
import { imagesIn } from '../choice/archive-images.js'
import {
  type ChosenImage,
  chooseRoot,
  distinctImages,
  eachChoice,
  type RootChoice,
} from '../choice/chosen-image.js'
import { identity } from '../choice/identity.js'
import { closedAfter } from '../io/closing/closing.js'
import { fromSystem } from '../io/files/system-errors.js'
import { namesOfImage } from '../names/image-names.js'
import { splitDigestOff } from '../names/split-digest-off.js'
import { splitTag } from '../names/split-tag.js'
import type { Context } from '../session/context.js'
import { openCatalog } from '../sources/open-catalog.js'
import { type ChosenImages, closeSources, type TargetRequest, type WimFile } from './chosen-images.js'
import { type OpeningRequest, openOptions } from './open-options.js'
import { openToTake } from './open-to-take.js'
import { openRegistryEntry } from './registry-entry.js'
import { repositoryOfName } from './repository-of-name.js'
import { wimOfEntry } from './wim-file.js'

/**
 * The images that a name in the catalog, or a full reference, means, with their sources open.
 * `debian:12.5` is debian in version 12.5.
 * @throws NO_MATCH, AMBIGUOUS_NAME, VERSION_PARAMETERS, WILDCARD_REFUSED, PLATFORM_NOT_FOUND, network errors
 */
export async function resolveName(
  context: Context,
  target: string,
  request: TargetRequest & { keepsWims?: boolean },
  choice: RootChoice,
): Promise<ChosenImages> {
  const { catalog, source } = await openCatalog(context, request.source)
  const { minimumVersion, maximumVersion, allVersions, newest, exclude, allPlatforms, signal } = request
  const meant = (await pinnedReference(context, target, request.source)) ?? target
  const { name, requiredVersion } = nameAndVersion(meant, request)
  const { host } = choice
  const wanted: WantedEntry[] = []
  for (const { platform } of eachChoice(choice)) {
    const picked = await catalog.pick(name, {
      host,
      requiredVersion,
      minimumVersion,
      maximumVersion,
      allVersions,
      newest,
      exclude,
      allPlatforms,
      signal,
      platform,
      source,
    })
    for (const note of picked.notes) context.note(note)
    addWanted(wanted, picked.entries, platform)
  }
  const images: ChosenImage[] = []
  const wims: WimFile[] = []
  try {
    for (const { entry, platforms } of wanted) {
      const wim = request.keepsWims ? await wimOfEntry(entry, request) : undefined
      if (wim) wims.push(wim)
      else images.push(...(await openEntry(context, entry, request, { ...choice, ...forEach(platforms) })))
    }
  } catch (error) {
    throw await closedAfter(error, () => closeSources(images))
  }
  return { images, wims, close: () => closeSources(images) }
}

/**
 * `debian@sha256:...` as a full reference: the catalog knows the repository, and the digest says which image. A tag
 * before the digest counts for nothing, as with docker.
 * @returns undefined for any other name
 * @throws NO_MATCH if the catalog has no repository of that name
 */
async function pinnedReference(
  context: Context,
  target: string,
  source: string | undefined,
): Promise<string | undefined> {
  const { name: named, digest } = splitDigestOff(target)
  if (digest === undefined || isReference(target)) return undefined
  try {
    const { name } = splitTag(named)
    return formatReference({ ...(await repositoryOfName(context, name, source)), digest })
  } catch (error) {
    throw hasCode(error, 'NO_MATCH') ? noMatch(target, []) : error
  }
}

/** An entry of the catalog, and the named platforms for which it was picked; none if none was named. */
interface WantedEntry {
  entry: Entry
  platforms: Platform[]
}

/** One entry may have the images for several platforms: it is opened once. */
function addWanted(wanted: WantedEntry[], entries: Entry[], platform: Platform | undefined): void {
  const key = ({ source, version, platform: own, location }: Entry): string =>
    JSON.stringify([source, version, own, location])
  for (const entry of entries) {
    const known = wanted.find((one) => key(one.entry) === key(entry))
    const platforms = platform ? [platform] : []
    if (known) known.platforms.push(...platforms)
    else wanted.push({ entry, platforms })
  }
}

function forEach(platforms: Platform[]): Pick<RootChoice, 'platform' | 'platforms'> {
  return platforms.length > 1
    ? { platform: undefined, platforms }
    : { platform: platforms[0], platforms: undefined }
}

function nameAndVersion(target: string, request: TargetRequest): { name: string; requiredVersion?: string } {
  const own = request.requiredVersion
  if (isReference(target) || insteadOf(target) !== undefined) return { name: target, requiredVersion: own }
  const { name, tag } = splitTag(target)
  if (tag === undefined) return { name, requiredVersion: own }
  if (own !== undefined && own !== tag)
    throw new ContainerImageError('VERSION_PARAMETERS', `${show(target)} names a version already.`, {
      expected: 'one version',
      found: `${show(tag)} and ${show(own)}`,
    })
  return { name, requiredVersion: tag }
}

async function openEntry(
  context: Context,
  entry: Entry,
  request: OpeningRequest,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  switch (entry.location.kind) {
    case 'registry':
      return await fromRegistry(context, entry, choice)
    case 'path':
      return await fromPath(context, entry, entry.location, request, choice)
    case 'url': {
      const { fromUrl } = await import('./url-entry.js')
      return await fromUrl(context, entry, entry.location, request, choice)
    }
  }
}

async function fromRegistry(context: Context, entry: Entry, choice: RootChoice): Promise<ChosenImage[]> {
  const { source, root } = await openRegistryEntry(context, entry, choice.signal)
  const { location } = entry
  const reference = location.kind === 'registry' ? location.reference : undefined
  const otherNames = reference === undefined ? undefined : nameOfReference(reference)
  const images: ChosenImage[] = []
  for (const one of eachChoice(choice)) {
    const chosen = await chooseRoot(source, root, one)
    images.push({ source, ...chosen, ...identity(entry), reference, otherNames })
  }
  return distinctImages(images)
}

/** An image requested by its catalog name is also known by the reference behind it. */
export function nameOfReference(text: string): LocalName[] {
  const { registry, repository, tag } = parseReference(text)
  return tag === undefined ? [] : [familiarName(`${registry}/${repository}:${tag}`)]
}

/** A file that an index pins is compared with it before anything in it is trusted. */
async function checkPinned(context: Context, location: Entry['location'] & { kind: 'path' }): Promise<void> {
  const { path, sha256, size: expected } = location
  if (sha256 === undefined && expected === undefined) return
  const { size } = await stat(path).catch((error) => {
    throw fromSystem(error, `Opening ${path}`, 'source')
  })
  if (expected !== undefined && size !== expected)
    throw new ContainerImageError('SIZE_MISMATCH', `${path} has another size than the index says.`, {
      side: 'source',
      expected: `${expected} bytes`,
      found: `${size} bytes`,
    })
  if (sha256 === undefined) return
  const { signal } = context.options
  const { hex } = await context.hasher.run(
    { source: { path, offset: 0, size }, algorithm: 'sha256' },
    { signal },
  )
  if (hex !== sha256)
    throw new ContainerImageError('DIGEST_MISMATCH', `${path} is not the file that the index names.`, {
      side: 'source',
      expected: `sha256 ${sha256}`,
      found: `sha256 ${hex}`,
    })
}

async function fromPath(
  context: Context,
  entry: Entry,
  location: Entry['location'] & { kind: 'path' },
  request: OpeningRequest,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  await checkPinned(context, location)
  const { name, version } = entry
  const options = await openOptions(context, request)
  const opening = { ...options, index: location.image ?? options.index, name, version }
  const { collection, admit } = await openToTake(context, location.path, opening, request)
  try {
    const images = (await imagesIn(collection, {}, choice, entry)).map((image) => calledAs(image, entry))
    await admit(() => images)
    for (const note of await notesOn(collection, choice.signal)) context.note(note)
    return images
  } catch (error) {
    throw await closedAfter(error, collection)
  }
}

/**
 * As the catalog calls it. In a folder, a tag other than its version is just a way to ask; an image requested
 * by another repository gets that name as well as its own.
 */
function calledAs(image: ChosenImage, entry: Entry): ChosenImage {
  if (!entry.otherNames) return { ...image, ...identity(entry) }
  const [own, ...others] = namesOfImage(image, false)
  if (own?.repository === entry.name) return { ...image, offeredBy: entry.source }
  return { ...image, ...identity(entry), otherNames: own ? [own, ...others] : [] }
}
