import {
  type Descriptor,
  type Digest,
  formatReference,
  hasCode,
  impossible,
  isIndexType,
  isManifestType,
  parseIndex,
  parseManifest,
} from '../../../manifests/index.js'
import type { Content, CopyPlan, ImageSink, PlannedImage } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'
import { backOff, pause } from '../retry.js'
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
 * One repository of a registry as the sink of a copy. Blobs come first, then manifests under their digests; a
 * tag moves last, and is read back.
 * @param mounts records every blob that is there, for the next repository of the same registry
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
  /** Tags of what the registry gets under its tags alone: no other document of the copy names it. */
  private tagsOfRoots = new Map<Digest, string[]>()
  /** What tags named before, each asked for once. */
  private readonly before = new Map<string, Promise<Digest | undefined>>()
  /** Blobs that the registry turned out not to have, whatever it said before. */
  private readonly doubted = new Set<Digest>()
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
    this.tagsOfRoots = tagsOfRoots(plan)
    this.signal = signal
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    const { digest } = descriptor
    if (isDocument(descriptor)) {
      const [tag] = this.tagsOfRoots.get(digest) ?? []
      const found =
        tag === undefined ? manifestDigest(this.destination, digest, this.signal) : this.named(tag)
      return (await found) === digest
    }
    if (this.doubted.has(digest)) return false
    const has = await hasBlob(this.destination, descriptor, this.signal)
    if (has) this.mounts.seen(digest, this.destination.repository)
    return has
  }

  async write(content: Content): Promise<void> {
    const { descriptor } = content
    if (isDocument(descriptor)) return await this.writeDocument(content)
    const isDoubted = this.doubted.delete(descriptor.digest)
    const from = isDoubted ? undefined : await this.mounts.find(this.destination, descriptor, content.signal)
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
      for (const { tag } of names) moves.push(...this.moves(tag, await this.named(tag, signal), root))
    return moves
  }

  private named(tag: string, signal = this.signal): Promise<Digest | undefined> {
    const asked = this.before.get(tag) ?? manifestDigest(this.destination, tag, signal)
    this.before.set(tag, asked)
    return asked
  }

  private moves(tag: string, before: Digest | undefined, { digest }: Descriptor): MovedTag[] {
    if (before === undefined || before === digest) return []
    return [{ tag: `${this.destination.repository}:${tag}`, from: before, to: digest }]
  }

  private async writeDocument(content: Content): Promise<void> {
    const { descriptor, onBytes, signal } = content
    const bytes = await collect(verifiedContent(content))
    if (!this.tagsOfRoots.has(descriptor.digest)) await this.put(descriptor, descriptor.digest, bytes, signal)
    onBytes?.(bytes.length, 'copied')
  }

  private async put(
    descriptor: Descriptor,
    name: string,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const send = () => putManifest(this.destination, descriptor, name, bytes, signal)
    try {
      const entered = await send().catch(async (error: unknown) => {
        if (!hasCode(error, 'CHANGED_MEANWHILE')) throw error
        // docker-registry finds no blob whose link another push is just writing again; a moment later it does.
        await pause(backOff(1, this.destination.client.retry), signal)
        return await send()
      })
      if (entered) this.entered.add(descriptor.digest)
    } catch (error) {
      // It does not have what it said it had: the copy starts again, and sends everything that this manifest
      // needs.
      if (hasCode(error, 'CHANGED_MEANWHILE') && isManifestType(descriptor.mediaType))
        for (const blob of blobsOf(bytes)) this.doubted.add(blob)
      throw error
    }
  }

  /** A tag that names it already is left alone: many registries let no tag be written twice. */
  private async name(root: Descriptor, tag: string, bytes: Uint8Array): Promise<void> {
    const before = await this.named(tag)
    if (before === root.digest) return
    await this.put(root, tag, bytes, this.signal)
    await checkReadBack(this.destination, root, tag, this.signal)
    this.moved.push(...this.moves(tag, before, root))
  }

  private async enter(root: Descriptor, bytes: Uint8Array): Promise<void> {
    const referrer = this.entered.has(root.digest) ? undefined : referrerOf(root, bytes)
    if (referrer) await listReferrer(this.destination, referrer, this.signal)
  }
}

function blobsOf(bytes: Uint8Array): Digest[] {
  const { config, layers } = parseManifest(bytes)
  return [config, ...layers].map(({ digest }) => digest)
}

function tagsOfRoots({ images, documents, contents }: CopyPlan): Map<Digest, string[]> {
  const below = new Set<Digest>()
  for (const { digest, mediaType } of contents) {
    const bytes = isIndexType(mediaType) ? documents.get(digest) : undefined
    if (bytes) for (const entry of parseIndex(bytes, mediaType).manifests) below.add(entry.digest)
  }
  const tags = new Map<Digest, string[]>()
  for (const { root, names } of images)
    if (names.length > 0 && !below.has(root.digest))
      tags.set(root.digest, [...(tags.get(root.digest) ?? []), ...names.map(({ tag }) => tag)])
  return tags
}

function isDocument({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType)
}
