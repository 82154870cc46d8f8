import { readFile } from 'node:fs/promises'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatLocalName,
  type ImageConfig,
  isImageManifest,
  isIndexType,
  isManifestType,
  type LocalName,
  type Manifest,
  type Platform,
  parseConfig,
  parseIndex,
  parseManifest,
  platformOf,
} from '../../manifests/index.js'
import { fullName } from '../names/full-name.js'
import { closureOf } from './closure.js'
import { nameOf } from './entries.js'
import type { Places } from './places.js'
import type { Store } from './store.js'

/** One entry of the store's index that is a runnable image, with what its documents say. */
export interface TaggedImage {
  entry: Descriptor
  local: LocalName
  /** `debian:12.5`. */
  refName: string
  name: string
  version: string
  fullName: string
  /** The image itself; for an index, the one that stands for it here. */
  manifestDescriptor: Descriptor
  manifest: Manifest
  configDigest: Digest
  config: ImageConfig
  platform: Platform
  /** Bytes of all its blobs. */
  size: number
}

/**
 * Every tagged image of the store. Artifacts, such as signatures, are not images; an entry whose documents
 * cannot be read is left out and told to `damaged`.
 */
export async function taggedImages(
  store: Store,
  damaged: (entry: Descriptor, error: unknown) => void = () => {},
): Promise<TaggedImage[]> {
  const images: TaggedImage[] = []
  for (const entry of await store.entries()) {
    const local = nameOf(entry)
    if (!local) continue
    try {
      const image = await readImage(store.places, entry, local)
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
    await readFile(places.blob(manifestDescriptor.digest)),
    manifestDescriptor.mediaType,
  )
  if (!isImageManifest(manifest)) return undefined
  const config = parseConfig(await readFile(places.blob(manifest.config.digest)))
  const annotations = entry.annotations ?? {}
  const name = annotations[ANNOTATIONS.name] ?? local.repository
  const version = annotations[ANNOTATIONS.imageVersion] ?? local.tag
  let size = 0
  for (const blob of (await closureOf(places, [entry])).values()) size += blob.size
  return {
    entry,
    local,
    refName: formatLocalName(local),
    name,
    version,
    fullName: fullName(publisherOf(annotations, manifest, config), name, version),
    manifestDescriptor,
    manifest,
    configDigest: manifest.config.digest,
    config,
    platform: platformOf(config),
    size,
  }
}

/** The manifest that an entry stands for; of an index the first image, preferring this machine's. */
async function imageManifest(places: Places, entry: Descriptor): Promise<Descriptor | undefined> {
  if (isManifestType(entry.mediaType)) return entry
  if (!isIndexType(entry.mediaType)) return undefined
  const { manifests } = parseIndex(await readFile(places.blob(entry.digest)), entry.mediaType)
  const images = manifests.filter((d) => isManifestType(d.mediaType) && d.platform?.os !== 'unknown')
  const machine = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch
  return images.find((d) => d.platform?.architecture === machine) ?? images[0]
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

/** @throws NOT_INSTALLED */
export function notInstalled(what: string, there: string[]): ContainerImageError {
  return new ContainerImageError('NOT_INSTALLED', `No image ${what} is installed.`, {
    expected: what,
    found: there.length > 0 ? there.slice(0, 10).join(', ') : 'no images',
  })
}
