import {
  type Descriptor,
  type Digest,
  formatReference,
  impossible,
  isIndexType,
  isManifestType,
} from '../../../manifests/index.js'
import type { Content, CopyPlan, ImageSink, PlannedImage } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'
import type { Destination } from './destination.js'
import { hasBlob } from './has-blob.js'
import { checkReadBack, manifestDigest, putManifest } from './manifests.js'
import type { Mounts } from './mounts.js'
import { verifiedContent } from './outgoing.js'
import { listReferrer, referrerOf } from './subject.js'
import { uploadBlob } from './upload.js'

/** Blobs that are sent side by side. More of them share the same line, and registries write them to the same disk. */
const CONCURRENCY = 4

export interface RegistrySink extends ImageSink {
  /** Bytes of blobs that the registry took from another of its repositories. */
  readonly mountedBytes: number
  /** Tags that named something else before. */
  readonly moved: MovedTag[]
  /** Tags that these images would take from others. */
  movesOf(images: readonly PlannedImage[], signal?: AbortSignal): Promise<MovedTag[]>
}

/** A tag that names another manifest than before. */
export interface MovedTag {
  /** `base/debian:12.5`. */
  tag: string
  from: Digest
  to: Digest
}

/**
 * One repository of a registry as the end of a copy. Blobs come first, then manifests under their digests; a tag
 * moves last, and is read back.
 * @param mounts told of every blob that is there, for the next repository of the same registry
 */
export function registrySink(destination: Destination, mounts: Mounts): RegistrySink {
  return new Sink(destination, mounts)
}

class Sink implements RegistrySink {
  readonly label: string
  readonly concurrency = CONCURRENCY
  mountedBytes = 0
  readonly moved: MovedTag[] = []
  private documents: CopyPlan['documents'] = new Map()
  private signal: AbortSignal | undefined
  /** Manifests that the registry itself has entered as referrers. */
  private readonly entered = new Set<Digest>()

  constructor(
    readonly destination: Destination,
    readonly mounts: Mounts,
  ) {
    const { registry, repository } = destination
    this.label = formatReference({ registry, repository })
  }

  async begin(plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.documents = plan.documents
    this.signal = signal
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    const { digest } = descriptor
    if (isDocument(descriptor))
      return (await manifestDigest(this.destination, digest, this.signal)) === digest
    const has = await hasBlob(this.destination, descriptor, this.signal)
    if (has) this.mounts.seen(digest, this.destination.repository)
    return has
  }

  async write(content: Content): Promise<void> {
    const { descriptor } = content
    if (isDocument(descriptor)) return await this.writeDocument(content)
    const from = await this.mounts.find(this.destination, descriptor, content.signal)
    const how = await uploadBlob(this.destination, content, from)
    if (how === 'mounted') this.mountedBytes += descriptor.size
    this.mounts.seen(descriptor.digest, this.destination.repository)
  }

  async tag(image: PlannedImage): Promise<void> {
    const { root } = image
    const bytes = this.documents.get(root.digest)
    if (!bytes) impossible(`${root.digest} is named and was not planned.`)
    for (const { tag } of image.names) await this.name(root, tag, bytes)
    await this.enter(root, bytes)
  }

  async movesOf(images: readonly PlannedImage[], signal?: AbortSignal): Promise<MovedTag[]> {
    const moves: MovedTag[] = []
    for (const { root, names } of images)
      for (const { tag } of names)
        moves.push(...this.moves(tag, await manifestDigest(this.destination, tag, signal), root))
    return moves
  }

  private moves(tag: string, before: Digest | undefined, { digest }: Descriptor): MovedTag[] {
    if (before === undefined || before === digest) return []
    return [{ tag: `${this.destination.repository}:${tag}`, from: before, to: digest }]
  }

  private async writeDocument(content: Content): Promise<void> {
    const { descriptor, onBytes, signal } = content
    const bytes = await collect(verifiedContent(content))
    const entered = await putManifest(this.destination, descriptor, descriptor.digest, bytes, signal)
    if (entered) this.entered.add(descriptor.digest)
    onBytes?.(bytes.length, 'copied')
  }

  /** A tag that names it already is left alone: many registries let no tag be written twice. */
  private async name(root: Descriptor, tag: string, bytes: Uint8Array): Promise<void> {
    const before = await manifestDigest(this.destination, tag, this.signal)
    if (before === root.digest) return
    await putManifest(this.destination, root, tag, bytes, this.signal)
    await checkReadBack(this.destination, root, tag, this.signal)
    this.moved.push(...this.moves(tag, before, root))
  }

  private async enter(root: Descriptor, bytes: Uint8Array): Promise<void> {
    const referrer = this.entered.has(root.digest) ? undefined : referrerOf(root, bytes)
    if (referrer) await listReferrer(this.destination, referrer, this.signal)
  }
}

function isDocument({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType)
}
