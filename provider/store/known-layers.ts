import {
  type Descriptor,
  type Digest,
  isManifestType,
  LIMITS,
  parseConfig,
  parseManifest,
} from '../../manifests/index.js'
import { ImageLayers, layersOfPlan } from '../copy/image-layers.js'
import type { CopyPlan } from '../copy/ports.js'
import { readDocument } from '../io/files/read-document.js'
import { closureOf } from './closure.js'
import { readEntries } from './index-file.js'
import type { Places } from './places.js'

/**
 * What the images of a store say about their layers: it was compared when they were installed. It is read once per
 * run, because what a digest unpacks to never changes; what the run itself compares is added.
 */
export class KnownLayers {
  private layers: Promise<ImageLayers> | undefined
  private readonly learnt = new Set<string>()

  constructor(private readonly places: Places) {}

  async has(descriptor: Descriptor, diffId: Digest): Promise<boolean> {
    if (this.learnt.has(keyOf(descriptor, diffId))) return true
    this.layers ??= layersOf(this.places)
    return (await this.layers).of(descriptor)?.diffIds.has(diffId) ?? false
  }

  /** Notes the layers of a finished copy, which has compared each of them. */
  learn(plan: CopyPlan): void {
    const layers = layersOfPlan(plan)
    for (const descriptor of plan.contents)
      for (const diffId of layers.of(descriptor)?.diffIds ?? []) this.learnt.add(keyOf(descriptor, diffId))
  }
}

function keyOf({ digest }: Descriptor, diffId: Digest): string {
  return `${digest} ${diffId}`
}

async function layersOf(places: Places): Promise<ImageLayers> {
  const layers = new ImageLayers()
  const all = await closureOf(places, await readEntries(places))
  for (const { digest, mediaType } of all.values())
    if (isManifestType(mediaType)) await addImage(places, digest, mediaType, layers)
  return layers
}

/** An entry that cannot be read, or is not an image, says nothing. */
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
