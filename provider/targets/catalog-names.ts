import { stat } from 'node:fs/promises'
import type { Entry } from '../../catalog/entry.js'
import {
  ContainerImageError,
  familiarName,
  isReference,
  type LocalName,
  parseReference,
  show,
} from '../../manifests/index.js'
import { notesOn } from '../choice/absent-notes.js'
import { imagesIn } from '../choice/archive-images.js'
import { type ChosenImage, chooseRoot, type RootChoice } from '../choice/chosen-image.js'
import { identity } from '../choice/identity.js'
import { openPath } from '../formats/open/open-path.js'
import { closedAfter } from '../io/closing/closing.js'
import { fromSystem } from '../io/files/system-errors.js'
import { namesOfImage } from '../names/image-names.js'
import { splitTag } from '../names/split-tag.js'
import type { Context } from '../session/context.js'
import { openCatalog } from '../sources/open-catalog.js'
import { type ChosenImages, closeSources, type TargetRequest, type WimFile } from './chosen-images.js'
import { type OpeningRequest, openOptions } from './open-options.js'
import { openRegistryEntry } from './registry-entry.js'
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
  const { minimumVersion, maximumVersion, allVersions, allPlatforms, signal } = request
  const { name, requiredVersion } = nameAndVersion(target, request)
  const { platform, host } = choice
  const picked = await catalog.pick(name, {
    host,
    requiredVersion,
    minimumVersion,
    maximumVersion,
    allVersions,
    allPlatforms,
    signal,
    platform,
    source,
  })
  for (const note of picked.notes) context.note(note)
  const images: ChosenImage[] = []
  const wims: WimFile[] = []
  try {
    for (const entry of picked.entries) {
      const wim = request.keepsWims ? await wimOfEntry(entry, request) : undefined
      if (wim) wims.push(wim)
      else images.push(...(await openEntry(context, entry, request, choice)))
    }
  } catch (error) {
    throw await closedAfter(error, () => closeSources(images))
  }
  return { images, wims, close: () => closeSources(images) }
}

function nameAndVersion(target: string, request: TargetRequest): { name: string; requiredVersion?: string } {
  const own = request.requiredVersion
  if (isReference(target)) return { name: target, requiredVersion: own }
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
      return [await fromRegistry(context, entry, choice)]
    case 'path':
      return await fromPath(context, entry, entry.location, request, choice)
    case 'url': {
      const { fromUrl } = await import('./url-entry.js')
      return await fromUrl(context, entry, entry.location, request, choice)
    }
  }
}

async function fromRegistry(context: Context, entry: Entry, choice: RootChoice): Promise<ChosenImage> {
  const { source, root } = await openRegistryEntry(context, entry, choice.signal)
  const chosen = await chooseRoot(source, root, choice)
  const { location } = entry
  if (location.kind !== 'registry') return { source, ...chosen, ...identity(entry) }
  const { reference } = location
  return { source, ...chosen, ...identity(entry), reference, otherNames: nameOfReference(reference) }
}

/** What is requested by a catalog's name is also known by the reference behind it. */
function nameOfReference(text: string): LocalName[] {
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
  const collection = await openPath(location.path, {
    ...options,
    index: location.image ?? options.index,
    name,
    version,
  })
  try {
    const images = await imagesIn(collection, {}, choice, entry)
    for (const note of await notesOn(collection, choice.signal)) context.note(note)
    return images.map((image) => calledAs(image, entry))
  } catch (error) {
    throw await closedAfter(error, collection)
  }
}

/**
 * As the catalog calls it. In a folder, a tag besides its version is just a way to ask; requested by another
 * repository it gets that name as well as its own.
 */
function calledAs(image: ChosenImage, entry: Entry): ChosenImage {
  if (!entry.otherNames) return { ...image, ...identity(entry) }
  const [own, ...others] = namesOfImage(image, false)
  if (own?.repository === entry.name) return { ...image, offeredBy: entry.source }
  return { ...image, ...identity(entry), otherNames: own ? [own, ...others] : [] }
}
