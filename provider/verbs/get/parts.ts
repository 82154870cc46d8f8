import { isImageEntry } from '../../../catalog/platform-choice.js'
import {
  artifactOfType,
  type Descriptor,
  formatPlatform,
  isIndexType,
  isManifestType,
  LIMITS,
  parseIndex,
  parseManifest,
} from '../../../manifests/index.js'
import { withArtifacts } from '../../choice/travelling.js'
import type { ImageSource } from '../../copy/ports.js'
import { readDocument } from '../../io/files/read-document.js'
import { closureOf } from '../../store/closure.js'
import type { TaggedImage } from '../../store/images.js'
import { hasBlob } from '../../store/ingest.js'
import type { Store } from '../../store/store.js'
import type { StoredPart } from './request.js'
import { unpackedSize } from './unpacked-size.js'

/**
 * The images of an entry, one for each platform that is there: those of an index, or the image itself; and then what
 * goes with them.
 * @param source the store, from which its images are read
 */
export async function partsOf(store: Store, image: TaggedImage, source: ImageSource): Promise<StoredPart[]> {
  const parts: StoredPart[] = []
  for (const manifest of await manifestsOf(store, image.entry, new Set()))
    parts.push(await partOf(store, manifest, image))
  const { annotations = {}, ...root } = image.entry
  const { name, version, platform, artifact } = image
  const chosen = { source, root, name, version, platform, artifact, annotations }
  for (const { root: along, goesWith } of await withArtifacts(chosen, { latest: false }))
    if (goesWith !== undefined) parts.push(await artifactPart(store, along))
  return parts
}

async function artifactPart(store: Store, descriptor: Descriptor): Promise<StoredPart> {
  const { digest, mediaType, artifactType = mediaType } = descriptor
  const { kind } = artifactOfType(artifactType)
  const contentSize = await contentSizeOf(store, descriptor)
  if (!isManifestType(mediaType)) return { platform: '', digest, id: digest, contentSize, kind }
  const bytes = await readDocument(store.places.blob(digest), LIMITS.manifestBytes, 'destination')
  return { platform: '', digest, id: parseManifest(bytes, mediaType).config.digest, contentSize, kind }
}

async function contentSizeOf(store: Store, descriptor: Descriptor): Promise<number> {
  const all = await closureOf(store.places, [{ ...descriptor, annotations: {} }])
  return [...all.values()].reduce((sum, { size }) => sum + size, 0)
}

async function manifestsOf(store: Store, entry: Descriptor, seen: Set<string>): Promise<Descriptor[]> {
  if (seen.has(entry.digest)) return []
  seen.add(entry.digest)
  if (isManifestType(entry.mediaType)) return [entry]
  if (!isIndexType(entry.mediaType)) return []
  const bytes = await readDocument(store.places.blob(entry.digest), LIMITS.indexBytes, 'destination')
  const found: Descriptor[] = []
  for (const one of parseIndex(bytes, entry.mediaType).manifests) {
    if (isManifestType(one.mediaType) && !isImageEntry(one)) continue
    if (await hasBlob(store.places, one)) found.push(...(await manifestsOf(store, one, seen)))
  }
  return found
}

async function partOf(store: Store, descriptor: Descriptor, image: TaggedImage): Promise<StoredPart> {
  const { digest, mediaType } = descriptor
  const bytes = await readDocument(store.places.blob(digest), LIMITS.manifestBytes, 'destination')
  const manifest = parseManifest(bytes, mediaType)
  const isItself = digest === image.manifestDescriptor.digest
  const platform = descriptor.platform ?? (isItself ? image.platform : undefined)
  return {
    platform: platform ? formatPlatform(platform) : '',
    digest,
    id: manifest.config.digest,
    unpackedSize: await unpackedSize(store, manifest.layers),
    contentSize: await contentSizeOf(store, descriptor),
  }
}
