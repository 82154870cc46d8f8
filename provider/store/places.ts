import { createHash } from 'node:crypto'
import path from 'node:path'
import { BLOBS_FOLDER, type Digest, INDEX_FILE, LAYOUT_FILE, splitDigest } from '../../manifests/index.js'

/** Where things are in a store. Every path of a blob is built from a checked digest. */
export class Places {
  constructor(readonly root: string) {}

  get layoutFile(): string {
    return path.join(this.root, LAYOUT_FILE)
  }
  get indexFile(): string {
    return path.join(this.root, INDEX_FILE)
  }
  get indexLock(): string {
    return path.join(this.ingestFolder, 'index.lock')
  }
  /** Incoming blobs, and locks; nothing in it is part of the layout. */
  get ingestFolder(): string {
    return path.join(this.root, 'ingest')
  }
  get blobsFolder(): string {
    return path.join(this.root, BLOBS_FOLDER)
  }
  /** @throws INVALID_DIGEST */
  blob(digest: Digest): string {
    const { algorithm, hex } = splitDigest(digest)
    return path.join(this.blobsFolder, algorithm, hex)
  }
  /** @throws INVALID_DIGEST */
  ingest(digest: Digest): string {
    const { algorithm, hex } = splitDigest(digest)
    return path.join(this.ingestFolder, `${algorithm}-${hex}`)
  }
  /** Where a set of volumes arrives, by the set's 64 hex digits. */
  arriving(set: string): string {
    return path.join(this.ingestFolder, `set-${set}`)
  }
  /** Of a blob being made: what it is made from is known, but not its digest. */
  making(identity: string): string {
    return path.join(this.ingestFolder, `made-${createHash('sha256').update(identity).digest('hex')}`)
  }
}
