import type { Digest } from '../../manifests/index.js'

/** What earlier runs had from registries. None of it is trusted before it is compared, or asked for again. */
export interface DocumentsMemory {
  /** A manifest, an index or a config whose bytes have this digest. `limit` is in bytes. */
  document(digest: Digest, limit: number): Promise<Uint8Array | undefined>
  keepDocument(digest: Digest, bytes: Uint8Array): Promise<void>
  /** What a tag named when it was asked for last. */
  lastDigest(reference: string): Promise<Digest | undefined>
  keepDigest(reference: string, digest: Digest): Promise<void>
}
