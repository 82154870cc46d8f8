import {
  type Descriptor,
  type Digest,
  isIndexType,
  isManifestType,
  LIMITS,
  parseIndex,
  parseManifest,
} from '../../manifests/index.js'
import type { ImageCollection } from '../copy/ports.js'
import { readVerified } from '../copy/read-verified.js'

/** Documents that are kept in memory, in bytes; enough for the manifests of thousands of images. */
const MOST_BYTES = 16 * 1024 * 1024

/** Manifests and indexes, verified, the latest of them in memory. */
export class Documents {
  private readonly kept = new Map<Digest, Uint8Array>()
  private readonly underWay = new Map<Digest, Promise<Uint8Array>>()
  private bytes = 0

  /** @throws DIGEST_MISMATCH, SIZE_MISMATCH, DOCUMENT_TOO_LARGE and what the collection throws */
  async read(collection: ImageCollection, descriptor: Descriptor): Promise<Uint8Array> {
    const known = this.kept.get(descriptor.digest)
    if (known?.length === descriptor.size) return this.keep(descriptor.digest, known)
    const underWay = this.underWay.get(descriptor.digest) ?? this.load(collection, descriptor)
    return await underWay
  }

  /** What a manifest or an index names; nothing for what is neither. @throws as read, and INVALID_DOCUMENT */
  async children(collection: ImageCollection, descriptor: Descriptor): Promise<Descriptor[]> {
    const { mediaType } = descriptor
    if (isIndexType(mediaType))
      return parseIndex(await this.read(collection, descriptor), mediaType).manifests
    if (!isManifestType(mediaType)) return []
    const manifest = parseManifest(await this.read(collection, descriptor), mediaType)
    return [manifest.config, ...manifest.layers]
  }

  private async load(collection: ImageCollection, descriptor: Descriptor): Promise<Uint8Array> {
    const { digest, mediaType } = descriptor
    const limit = isIndexType(mediaType) ? LIMITS.indexBytes : LIMITS.manifestBytes
    const reading = readVerified(collection, descriptor, limit)
    this.underWay.set(digest, reading)
    try {
      return this.keep(digest, await reading)
    } finally {
      this.underWay.delete(digest)
    }
  }

  private keep(digest: Digest, document: Uint8Array): Uint8Array {
    if (this.kept.delete(digest)) this.bytes -= document.length
    this.kept.set(digest, document)
    this.bytes += document.length
    for (const [oldest, bytes] of this.kept) {
      if (this.bytes <= MOST_BYTES) break
      this.kept.delete(oldest)
      this.bytes -= bytes.length
    }
    return document
  }
}
