import {
  type Descriptor,
  type Digest,
  isManifestType,
  LIMITS,
  parseConfig,
  parseManifest,
} from '../../manifests/index.js'
import { ImageLayers } from '../copy/image-layers.js'
import { readDocument } from '../io/files/read-document.js'
import { closureOf } from './closure.js'
import { readEntries } from './index-file.js'
import type { Places } from './places.js'

/** What the images of a store say about their layers: it was compared when they were installed. */
export class KnownLayers {
  private layers: Promise<ImageLayers> | undefined

  constructor(private readonly places: Places) {}

  async has(descriptor: Descriptor, diffId: Digest): Promise<boolean> {
    this.layers ??= layersOf(this.places)
    return (await this.layers).of(descriptor)?.diffIds.has(diffId) ?? false
  }
}

async function layersOf(places: Places): Promise<ImageLayers> {
  const layers = new ImageLayers()
  const all = await closureOf(places, await readEntries(places))
  for (const { digest, mediaType } of all.values())
    if (isManifestType(mediaType)) await addImage(places, digest, mediaType, layers)
  return layers
}

/** What cannot be read, or is not an image, says nothing. */
async function addImage(
  places: Places,
  digest: Digest,
  mediaType: string,
  layers: ImageLayers,
): Promise<void> {
  try {
    const manifest = parseManifest(await readDocument(places.blob(digest), LIMITS.manifestBytes), mediaType)
    const config = parseConfig(await readDocument(places.blob(manifest.config.digest), LIMITS.configBytes))
    layers.add(manifest, config)
  } catch {
    // Then its layers are read.
  }
}
