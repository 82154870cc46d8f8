import { isImageEntry } from '../../catalog/platform-choice.js'
import {
  ANNOTATIONS,
  type ArtifactKind,
  artifactOf,
  type Descriptor,
  type Digest,
  formatLocalName,
  type ImageConfig,
  isArtifactEntry,
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
} from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import type { Askable } from '../names/askable.js'
import { fullName } from '../names/full-name.js'
import { closureOf } from './closure.js'
import { nameOf } from './entries.js'
import type { Places } from './places.js'
import type { Store } from './store.js'

/** One entry of the store's index, an image or an artifact of its own, with what its documents say. */
export interface TaggedImage extends Askable {
  entry: Descriptor
  /** `debian:12.5`; empty if it has no name. */
  refName: string
  /** The name that it was installed under: `NanoServer`. */
  name: string
  version: string
  digest: Digest
  /** Of the index that it was chosen from. */
  originIndex?: string | undefined
  id: Digest
  /** The image itself; for an index, the one that represents it here. */
  manifestDescriptor: Descriptor
  manifest: Manifest
  /** What it is, if it is not an image. */
  artifact?: ArtifactKind
  /** Undefined for an artifact, as is its platform. */
  config: ImageConfig | undefined
  platform: Platform | undefined
  /** Bytes of all its blobs. */
  size: number
}

/** Verified bytes, by their digests. */
export type Documents = ReadonlyMap<Digest, Uint8Array>

/** As docker shows an image without a name. */
export const NO_NAME: LocalName = { repository: '<none>', tag: '<none>' }

/**
 * Every image of the store, once for each of its names, or once without one; and every artifact of its own.
 * What goes with an image, such as its signatures, is left out; so is an entry whose documents cannot be
 * read, which is reported to `damaged`.
 * @param isWanted only the documents of these entries are read
 * @param known documents that need not be read
 */
export async function taggedImages(
  store: Store,
  damaged: (entry: Descriptor, error: unknown) => void = () => {},
  isWanted: (entry: Descriptor) => boolean = () => true,
  known: Documents = new Map(),
): Promise<TaggedImage[]> {
  const images: TaggedImage[] = []
  const entries = await store.entries()
  for (const entry of entries) {
    if (isArtifactEntry(entry) || !isWanted(entry)) continue
    try {
      const image = await readImage(store.places, entry, nameOf(entry) ?? NO_NAME, known)
      if (image) images.push(image)
    } catch (error) {
      damaged(entry, error)
    }
  }
  if (!images.some(isAboutAnother)) return images
  const here = await closureOf(store.places, entries)
  return images.filter((image) => !isAboutAnother(image) || !here.has(image.manifest.subject?.digest ?? ''))
}

/**
 * Those with certain names; nothing is read for the others.
 * @param keys as `nameKey` makes them
 * @param known documents that the caller has just added and that need not be read again
 */
export async function imagesByKey(
  store: Store,
  keys: ReadonlySet<string>,
  known: Documents = new Map(),
): Promise<Map<string, TaggedImage>> {
  const isAsked = (entry: Descriptor): boolean => keys.has(nameKey(entry.digest, nameOf(entry)))
  const found = new Map<string, TaggedImage>()
  for (const image of await taggedImages(store, () => {}, isAsked, known)) {
    const key = nameKey(image.digest, nameOf(image.entry))
    if (!found.has(key)) found.set(key, image)
  }
  return found
}

/** One name of one image; if left out, the image without a name. */
export function nameKey(digest: Digest, name: LocalName | undefined): string {
  return name ? `${digest} ${formatLocalName(name)}` : digest
}

/** Whether it may have come with an image: it has no name of its own, and has a subject. */
function isAboutAnother({ artifact, refName, manifest, entry }: TaggedImage): boolean {
  if (!artifact || refName !== '' || entry.annotations?.[ANNOTATIONS.name] !== undefined) return false
  return manifest.subject !== undefined
}

async function readImage(
  places: Places,
  entry: Descriptor,
  local: LocalName,
  known: Documents,
): Promise<TaggedImage | undefined> {
  const manifestDescriptor = await imageManifest(places, entry)
  if (!manifestDescriptor) return undefined
  const manifest = parseManifest(
    await documentOf(places, manifestDescriptor.digest, LIMITS.manifestBytes, known),
    manifestDescriptor.mediaType,
  )
  const artifact = artifactOf(manifest)
  const config = artifact ? undefined : await readConfig(places, manifest, known)
  const annotations = entry.annotations ?? {}
  const isNamed = local !== NO_NAME
  const name = annotations[ANNOTATIONS.name] ?? (isNamed ? local.repository : '')
  const version = annotations[ANNOTATIONS.imageVersion] ?? (isNamed ? local.tag : '')
  const children = new Map([[manifestDescriptor.digest, [manifest.config, ...manifest.layers]]])
  let size = 0
  for (const blob of (await closureOf(places, [entry], children)).values()) size += blob.size
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
    platform: config && platformOf(config),
    artifact,
    size,
  }
}

async function readConfig(places: Places, { config }: Manifest, known: Documents): Promise<ImageConfig> {
  return parseConfig(await documentOf(places, config.digest, LIMITS.configBytes, known))
}

async function documentOf(
  places: Places,
  digest: Digest,
  limit: number,
  known: Documents,
): Promise<Uint8Array> {
  return known.get(digest) ?? (await readDocument(places.blob(digest), limit, 'destination'))
}

/** The manifest of an entry; for an index the first image, preferring this machine's; without one, the first artifact. */
async function imageManifest(places: Places, entry: Descriptor): Promise<Descriptor | undefined> {
  if (isManifestType(entry.mediaType)) return entry
  if (!isIndexType(entry.mediaType)) return undefined
  const { images, artifacts } = await manifestsOfIndex(places, entry)
  const machine = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch
  return images.find((d) => d.platform?.architecture === machine) ?? images[0] ?? artifacts[0]
}

/** Also of the indexes within it, each of which is read once. */
async function manifestsOfIndex(
  places: Places,
  index: Descriptor,
  seen = new Set<Digest>(),
): Promise<{ images: Descriptor[]; artifacts: Descriptor[] }> {
  seen.add(index.digest)
  const bytes = await readDocument(places.blob(index.digest), LIMITS.indexBytes, 'destination')
  const found = { images: [] as Descriptor[], artifacts: [] as Descriptor[] }
  for (const entry of parseIndex(bytes, index.mediaType).manifests) {
    if (isManifestType(entry.mediaType)) found[isImageEntry(entry) ? 'images' : 'artifacts'].push(entry)
    if (!isIndexType(entry.mediaType) || seen.has(entry.digest)) continue
    const within = await manifestsOfIndex(places, entry, seen)
    found.images.push(...within.images)
    found.artifacts.push(...within.artifacts)
  }
  return found
}

/** The catalog's publisher, else the vendor that the image names, else `Unknown`. */
export function publisherOf(
  annotations: Record<string, string>,
  manifest: Manifest,
  config: ImageConfig | undefined,
): string {
  const said =
    annotations[ANNOTATIONS.publisher] ??
    manifest.annotations?.[ANNOTATIONS.vendor] ??
    config?.config?.Labels?.[ANNOTATIONS.vendor] ??
    config?.config?.Labels?.vendor
  return said?.replace(/[_\s]+/g, '-') || 'Unknown'
}

/** How a list names an image: `debian:12.5`, or the beginning of its id, which docker shows as well. */
export function shownName({ refName, id }: Pick<TaggedImage, 'refName' | 'id'>): string {
  return refName || shortDigest(id)
}
