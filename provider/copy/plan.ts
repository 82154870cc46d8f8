import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatPlatform,
  hasCode,
  type ImageConfig,
  isImageManifest,
  isIndexType,
  isManifestType,
  LIMITS,
  type Manifest,
  option,
  parseConfig,
  parseIndex,
  parseManifest,
  printable,
} from '../../manifests/index.js'
import { parsed, place } from './documents.js'
import { DocumentsAllowance } from './documents-allowance.js'
import { refuseDeeper } from './nesting.js'
import type { CopyPlan, ImageSource, PlannedImage } from './ports.js'
import { readOnce } from './read-once.js'

export interface PlanOptions {
  signal?: AbortSignal
  /** Leaves layers out of the copy, such as foreign ones; all are taken where it is left out. */
  takes?: (layer: Descriptor) => boolean
}

/**
 * Reads and verifies every document of some images, and lists everything that has to move: blobs first, then
 * manifests, then indexes, so that nothing is ever named before it is there.
 * @throws INVALID_DOCUMENT, NESTING_TOO_DEEP, DOCUMENT_TOO_LARGE, DIGEST_MISMATCH and what the source throws
 */
export async function planCopy(
  source: ImageSource,
  images: PlannedImage[],
  options: PlanOptions = {},
): Promise<CopyPlan> {
  const walk = new Walk(source, options)
  for (const image of images) {
    await walk.visit(image.root, 0)
    for (const companion of image.companions ?? []) await walk.addCompanion(companion)
  }
  // One image's layer may be another's manifest: it is the same blob.
  const blobs = [...walk.blobs.values()].filter((blob) => !walk.above.has(blob.digest))
  return { contents: [...blobs, ...walk.above.values()], documents: walk.documents, images }
}

function notThere(label: string, { digest, platform }: Descriptor): ContainerImageError {
  const named = platform ? formatPlatform(platform) : digest
  return new ContainerImageError(
    'NOT_FOUND',
    `${printable(label)} has an index that names ${printable(named)}, but not the image itself.`,
    {
      side: 'source',
      expected: `the manifest ${digest}`,
      found: 'nothing',
      remedy: `Take the platforms that are there, each by ${option('platform')}, or ask whoever keeps the registry for the whole image.`,
      details: { digest },
    },
  )
}

class Walk {
  readonly blobs = new Map<Digest, Descriptor>()
  /** Manifests and indexes, each after all that it names. */
  readonly above = new Map<Digest, Descriptor>()
  readonly documents = new Map<Digest, Uint8Array>()
  private readonly sizes = new Map<Digest, number>()
  private readonly allowance: DocumentsAllowance

  constructor(
    private readonly source: ImageSource,
    private readonly options: PlanOptions,
  ) {
    this.allowance = new DocumentsAllowance(source.label)
  }

  async visit(descriptor: Descriptor, depth: number): Promise<void> {
    this.checkSize(descriptor)
    if (this.above.has(descriptor.digest)) return
    if (isIndexType(descriptor.mediaType)) await this.visitIndex(descriptor, depth)
    else if (isManifestType(descriptor.mediaType)) await this.visitManifest(descriptor)
    else this.addBlob(descriptor)
  }

  /** A document that is carried but not walked; a source that lost it is no reason to stop. */
  async addCompanion(descriptor: Descriptor): Promise<void> {
    if (this.above.has(descriptor.digest)) return
    try {
      await this.document(descriptor, LIMITS.indexBytes)
      this.above.set(descriptor.digest, descriptor)
    } catch (error) {
      if (!hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) throw error
    }
  }

  private async visitIndex(descriptor: Descriptor, depth: number): Promise<void> {
    refuseDeeper(depth, this.source.label)
    const bytes = await this.document(descriptor, LIMITS.indexBytes)
    const index = parsed(place(this.source, descriptor), () => parseIndex(bytes, descriptor.mediaType))
    for (const child of index.manifests) await this.visitEntry(child, depth + 1)
    this.above.set(descriptor.digest, descriptor)
  }

  /**
   * @throws NOT_FOUND, naming the entry's platform, if a registry has a whole index but only some of what it
   * names
   */
  private async visitEntry(entry: Descriptor, depth: number): Promise<void> {
    try {
      await this.visit(entry, depth)
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND') || this.documents.has(entry.digest)) throw error
      throw notThere(this.source.label, entry)
    }
  }

  private async visitManifest(descriptor: Descriptor): Promise<void> {
    const bytes = await this.document(descriptor, LIMITS.manifestBytes)
    const manifest = parsed(place(this.source, descriptor), () => parseManifest(bytes, descriptor.mediaType))
    if (isImageManifest(manifest)) await this.checkImage(manifest)
    this.addBlob(manifest.config)
    for (const layer of manifest.layers) if (this.options.takes?.(layer) ?? true) this.addBlob(layer)
    this.above.set(descriptor.digest, descriptor)
  }

  /** A config and its manifest must agree, or an engine would unpack the wrong layers. */
  private async checkImage(manifest: Manifest): Promise<void> {
    const bytes = await this.document(manifest.config, LIMITS.configBytes)
    const config: ImageConfig = parsed(place(this.source, manifest.config), () => parseConfig(bytes))
    const diffIds = config.rootfs.diff_ids.length
    if (diffIds !== manifest.layers.length)
      throw new ContainerImageError(
        'INVALID_DOCUMENT',
        `${this.source.label}: a manifest and its config disagree.`,
        {
          side: 'source',
          expected: `${diffIds} layers, as the config says`,
          found: `${manifest.layers.length} layers`,
        },
      )
  }

  private addBlob(descriptor: Descriptor): void {
    this.checkSize(descriptor)
    if (!this.blobs.has(descriptor.digest)) this.blobs.set(descriptor.digest, descriptor)
  }

  private checkSize({ digest, size }: Descriptor): void {
    const known = this.sizes.get(digest) ?? size
    this.sizes.set(digest, known)
    if (known === size) return
    throw new ContainerImageError(
      'SIZE_MISMATCH',
      `${this.source.label}: one blob is said to have two sizes.`,
      {
        side: 'source',
        expected: `${known} bytes`,
        found: `${size} bytes`,
        details: { digest },
      },
    )
  }

  private async document(descriptor: Descriptor, limit: number): Promise<Uint8Array> {
    const known = this.documents.get(descriptor.digest)
    if (known) return known
    this.allowance.take(descriptor)
    const bytes = await readOnce(this.source, descriptor, limit, this.options.signal)
    this.documents.set(descriptor.digest, bytes)
    return bytes
  }
}
