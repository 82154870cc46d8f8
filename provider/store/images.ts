import { isImageEntry } from '../../catalog/platform-choice.js'
import { suggest } from '../../catalog/suggest.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatLocalName,
  type ImageConfig,
  isArtifactEntry,
  isImageManifest,
  isIndexType,
  isManifestType,
  LIMITS,
  type LocalName,
  type Manifest,
  type Platform,
  parseConfig,
  parseIndex,
  parseManifest,
  platformOf,
  shortDigest,
  show,
} from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import type { Askable } from '../names/asked-images.js'
import { fullName } from '../names/full-name.js'
import { closureOf } from './closure.js'
import { nameOf } from './entries.js'
import type { Places } from './places.js'
import type { Store } from './store.js'

/** One entry of the store's index that is a runnable image, with what its documents say. */
export interface TaggedImage extends Askable {
  entry: Descriptor
  /** `debian:12.5`; empty where it has no name. */
  refName: string
  /** What its installation called it: `NanoServer`. */
  name: string
  version: string
  digest: Digest
  /** Of the index that it was chosen from. */
  originIndex?: string | undefined
  id: Digest
  /** The image itself; for an index, the one that stands for it here. */
  manifestDescriptor: Descriptor
  manifest: Manifest
  config: ImageConfig
  platform: Platform
  /** Bytes of all its blobs. */
  size: number
}

/** As docker shows an image without a name. */
export const NO_NAME: LocalName = { repository: '<none>', tag: '<none>' }

/**
 * Every image of the store, once for each of its names, or once without one. Artifacts, such as signatures, are not
 * images; an entry whose documents cannot be read is left out and told to `damaged`.
 */
export async function taggedImages(
  store: Store,
  damaged: (entry: Descriptor, error: unknown) => void = () => {},
): Promise<TaggedImage[]> {
  const images: TaggedImage[] = []
  for (const entry of await store.entries()) {
    if (isArtifactEntry(entry)) continue
    try {
      const image = await readImage(store.places, entry, nameOf(entry) ?? NO_NAME)
      if (image) images.push(image)
    } catch (error) {
      damaged(entry, error)
    }
  }
  return images
}

async function readImage(
  places: Places,
  entry: Descriptor,
  local: LocalName,
): Promise<TaggedImage | undefined> {
  const manifestDescriptor = await imageManifest(places, entry)
  if (!manifestDescriptor) return undefined
  const manifest = parseManifest(
    await readDocument(places.blob(manifestDescriptor.digest), LIMITS.manifestBytes, 'destination'),
    manifestDescriptor.mediaType,
  )
  if (!isImageManifest(manifest)) return undefined
  const config = parseConfig(
    await readDocument(places.blob(manifest.config.digest), LIMITS.configBytes, 'destination'),
  )
  const annotations = entry.annotations ?? {}
  const isNamed = local !== NO_NAME
  const name = annotations[ANNOTATIONS.name] ?? (isNamed ? local.repository : '')
  const version = annotations[ANNOTATIONS.imageVersion] ?? (isNamed ? local.tag : '')
  let size = 0
  for (const blob of (await closureOf(places, [entry])).values()) size += blob.size
  return {
    entry,
    ...local,
    refName: isNamed ? formatLocalName(local) : '',
    name,
    version,
    fullName: name === '' ? '' : fullName(publisherOf(annotations, manifest, config), name, version),
    manifestDescriptor,
    manifest,
    id: manifest.config.digest,
    digest: entry.digest,
    originIndex: annotations[ANNOTATIONS.originIndex],
    config,
    platform: platformOf(config),
    size,
  }
}

/** The manifest that an entry stands for; of an index the first image, preferring this machine's. */
async function imageManifest(places: Places, entry: Descriptor): Promise<Descriptor | undefined> {
  if (isManifestType(entry.mediaType)) return entry
  if (!isIndexType(entry.mediaType)) return undefined
  const images = await imagesOfIndex(places, entry)
  const machine = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch
  return images.find((d) => d.platform?.architecture === machine) ?? images[0]
}

/** Also of the indexes within it, each of which is looked into once. */
async function imagesOfIndex(
  places: Places,
  index: Descriptor,
  seen = new Set<Digest>(),
): Promise<Descriptor[]> {
  seen.add(index.digest)
  const bytes = await readDocument(places.blob(index.digest), LIMITS.indexBytes, 'destination')
  const images: Descriptor[] = []
  for (const entry of parseIndex(bytes, index.mediaType).manifests) {
    if (isManifestType(entry.mediaType) && isImageEntry(entry)) images.push(entry)
    if (isIndexType(entry.mediaType) && !seen.has(entry.digest))
      images.push(...(await imagesOfIndex(places, entry, seen)))
  }
  return images
}

/** The catalog's publisher, else the vendor that the image names, else Unknown. */
export function publisherOf(
  annotations: Record<string, string>,
  manifest: Manifest,
  config: ImageConfig,
): string {
  const said =
    annotations[ANNOTATIONS.publisher] ??
    manifest.annotations?.[ANNOTATIONS.vendor] ??
    config.config?.Labels?.[ANNOTATIONS.vendor] ??
    config.config?.Labels?.vendor
  return said?.replace(/[_\s]+/g, '-') || 'Unknown'
}

/** How a list names an image: `debian:12.5`, or the beginning of its id, which docker shows as well. */
export function shownName({ refName, id }: Pick<TaggedImage, 'refName' | 'id'>): string {
  return refName || shortDigest(id)
}

/**
 * The error for an image that is not there, with a suggestion where a name is nearly the one asked for.
 * @param what as the user wrote it
 * @param names of the images that there are, with their tags
 */
export function notInstalled(what: string, names: string[]): ContainerImageError {
  const [wanted = ''] = what.split(/[\s:]/)
  const nearly = suggest(wanted, new Set(names.map((name) => name.replace(/:[^:/]*$/, ''))))
  return new ContainerImageError('NOT_INSTALLED', `No image ${show(what)} is installed.`, {
    expected: what,
    found: names.length > 0 ? names.slice(0, 10).join(', ') : 'no images',
    ...(nearly.length > 0 ? { remedy: `Did you mean ${nearly.join(' or ')}?` } : {}),
  })
}
