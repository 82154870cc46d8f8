import { isImageEntry } from '../../catalog/platform-choice.js'
import {
  type Descriptor,
  type Digest,
  hasCode,
  isForeignLayerType,
  isImageManifest,
  isIndexType,
  isManifestType,
  type Manifest,
  type Platform,
  platformOf,
} from '../../manifests/index.js'
import { isBadInput } from './bad-input.js'
import { readConfig, readIndex, readManifest } from './documents.js'
import { entriesBelow } from './index-entries.js'
import type { ImageCollection } from './ports.js'

/** What an index names, also by indexes within it, and how much of that is there. */
export interface IndexParts {
  /** The images that are there, in their order, each with its platform where that is known. */
  images: Descriptor[]
  /** The images that are only named, and indexes whose content is unknown. */
  absent: Descriptor[]
  /**
   * Everything that is not there, including attestations: nobody should ask for it. Empty for a complete
   * index.
   */
  lacking: ReadonlySet<Digest>
}

/**
 * Reads an index of an archive. Docker with containerd's store and `ctr images export --platform` write the
 * whole index of an image but only one of the platforms that it names, often with the manifests of the others
 * but none of their layers. In that case what is there is an image. If none of its images is there, or each
 * of them lacks some of its layers, something was lost: then nothing counts as left out.
 * @throws INVALID_DOCUMENT, NESTING_TOO_DEEP, DIGEST_MISMATCH and what the collection throws
 */
export async function partsOf(
  collection: ImageCollection,
  root: Descriptor,
  signal?: AbortSignal,
): Promise<IndexParts> {
  const known = READ.get(collection) ?? new Map<Digest, IndexParts>()
  READ.set(collection, known)
  const parts = known.get(root.digest) ?? (await readParts(collection, root, signal))
  known.set(root.digest, parts)
  return parts
}

/**
 * What has been read from an open collection: going back in a compressed archive means reading all of it
 * again.
 */
const READ = new WeakMap<ImageCollection, Map<Digest, IndexParts>>()

async function readParts(
  collection: ImageCollection,
  root: Descriptor,
  signal?: AbortSignal,
): Promise<IndexParts> {
  const reading = new Reading(collection, signal)
  await reading.index(root)
  return reading.parts()
}

/** One entry that is not an index. */
interface Entry {
  descriptor: Descriptor
  isImage: boolean
  isThere: boolean
  layers: Descriptor[]
  /** Which parts of it are missing, if the entry itself is there. */
  missing: Descriptor[]
}

class Reading {
  private readonly entries: Entry[] = []
  private readonly lostIndexes: Descriptor[] = []
  private readonly leftOut: Set<Digest>

  constructor(
    private readonly collection: ImageCollection,
    private readonly signal?: AbortSignal,
  ) {
    this.leftOut = new Set(collection.delta?.missing.map(({ digest }) => digest))
  }

  async index(root: Descriptor): Promise<void> {
    const { label } = this.collection
    const found = await entriesBelow(root, label, async (index) =>
      index === root || (await this.holds(index))
        ? await readIndex(this.collection, index, this.signal)
        : undefined,
    )
    for (const entry of found) {
      if (isIndexType(entry.mediaType)) this.lostIndexes.push(entry)
      else this.entries.push(await this.look(entry))
    }
  }

  parts(): IndexParts {
    const images = this.entries.filter(({ isImage }) => isImage)
    const whole = images.filter(({ isThere, missing }) => isThere && missing.length === 0)
    const isLeftOut = whole.length > 0 ? leftOutBeside(whole) : ({ isThere }: Entry) => !isThere
    const gone = this.entries.filter(isLeftOut)
    const absent = gone.filter(({ isImage }) => isImage)
    return {
      images: images.filter((image) => !absent.includes(image)).map(({ descriptor }) => descriptor),
      absent: [...absent.map(({ descriptor }) => descriptor), ...this.lostIndexes],
      lacking: new Set(
        [...gone.map(({ descriptor }) => descriptor), ...this.lostIndexes].map((d) => d.digest),
      ),
    }
  }

  private async look(descriptor: Descriptor): Promise<Entry> {
    const entry: Entry = { descriptor, isImage: false, isThere: true, layers: [], missing: [] }
    if (!isManifestType(descriptor.mediaType)) return { ...entry, isThere: await this.holds(descriptor) }
    const isImage = isImageEntry(descriptor)
    const manifest = await this.manifest(descriptor)
    if (manifest === 'damaged') return { ...entry, isImage }
    if (manifest === 'absent') return { ...entry, isImage, isThere: false }
    const needed = [
      manifest.config,
      ...manifest.layers.filter((layer) => !isForeignLayerType(layer.mediaType)),
    ]
    const missing: Descriptor[] = []
    for (const blob of needed) if (!(await this.holds(blob))) missing.push(blob)
    if (!isImage || !isImageManifest(manifest)) return { ...entry, missing }
    const platform = descriptor.platform ?? (await this.platform(manifest))
    return {
      ...entry,
      descriptor: platform ? { ...descriptor, platform } : descriptor,
      isImage: true,
      layers: manifest.layers,
      missing,
    }
  }

  /** Something damaged counts as there: the code that takes it says what is wrong with it. */
  private async manifest(descriptor: Descriptor): Promise<Manifest | 'absent' | 'damaged'> {
    if (!(await this.holds(descriptor))) return 'absent'
    try {
      return await readManifest(this.collection, descriptor, this.signal)
    } catch (error) {
      if (isBadInput(error) || hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) return 'damaged'
      throw error
    }
  }

  private async platform({ config }: Manifest): Promise<Platform | undefined> {
    try {
      return platformOf(await readConfig(this.collection, config, this.signal))
    } catch (error) {
      if (isBadInput(error) || hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) return undefined
      throw error
    }
  }

  private async holds(descriptor: Descriptor): Promise<boolean> {
    if (this.collection.isComplete || !this.collection.holds || this.leftOut.has(descriptor.digest))
      return true
    return await this.collection.holds(descriptor)
  }
}

/**
 * What counts as left out if some images are complete: what is not there, and documents none of whose own
 * layers are there.
 */
function leftOutBeside(whole: Entry[]): (entry: Entry) => boolean {
  const shared = new Set(whole.flatMap(({ layers }) => layers).map(({ digest }) => digest))
  return ({ isThere, isImage, layers, missing }) => {
    if (!isThere || !isImage) return !isThere || missing.length > 0
    const own = layers.filter(({ digest }) => !shared.has(digest))
    return own.length > 0 && own.every((layer) => missing.includes(layer))
  }
}
