import {
  blobPath,
  type Descriptor,
  type Digest,
  INDEX_FILE,
  indexBytes,
  LAYOUT_BYTES,
  LAYOUT_FILE,
} from '../../../manifests/index.js'
import { BLOCK, fileHeader, padded } from '../../archives/members/tar-header.js'
import type { Content } from '../../copy/ports.js'
import { sizeMismatch, verified } from '../../copy/verified.js'
import type { Bytes } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
import { type AskOptions, type EngineProgram, Feed } from './program.js'

/**
 * An OCI layout as a tar, written member by member into the standard input of an engine's client. It need
 * only contain what the engine lacks: the engine finds the rest in what it has.
 */
export class LayoutStream {
  private readonly feed: Feed
  private readonly inside = new Set<Digest>()

  private constructor(program: EngineProgram, args: string[], options: AskOptions) {
    this.feed = new Feed(program, args, options)
  }

  /** Starts the client. @throws the client's complaint as an error of ours */
  static async into(program: EngineProgram, args: string[], options: AskOptions): Promise<LayoutStream> {
    const stream = new LayoutStream(program, args, options)
    await stream.member(LAYOUT_FILE, LAYOUT_BYTES)
    return stream
  }

  /** Takes a blob. @throws DIGEST_MISMATCH, SIZE_MISMATCH and what the source throws */
  async blob({ descriptor, range, open, onBytes, signal }: Content): Promise<void> {
    const options = { signal }
    if (range && range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    await this.feed.write(fileHeader(blobPath(descriptor.digest), descriptor.size))
    const bytes = verified(range ? readRange(range, options) : open(0), descriptor, options)
    await this.bytes(bytes, (count) => onBytes?.(count, 'copied'))
    await this.fill(descriptor.size)
    this.inside.add(descriptor.digest)
  }

  /** Takes a document that was verified before. */
  async document(digest: Digest, bytes: Uint8Array): Promise<void> {
    if (this.inside.has(digest)) return
    await this.member(blobPath(digest), bytes)
    this.inside.add(digest)
  }

  /** Writes the index, which makes it an image; returns what the client said. */
  async finish(manifests: Descriptor[]): Promise<string> {
    await this.member(INDEX_FILE, indexBytes({ schemaVersion: 2, manifests }))
    await this.feed.write(Buffer.alloc(2 * BLOCK))
    return await this.feed.end()
  }

  async abort(): Promise<void> {
    await this.feed.abort()
  }

  private async member(name: string, bytes: Uint8Array): Promise<void> {
    await this.feed.write(fileHeader(name, bytes.length))
    await this.feed.write(bytes)
    await this.fill(bytes.length)
  }

  private async bytes(bytes: Bytes, count: (bytes: number) => void): Promise<void> {
    for await (const chunk of bytes) {
      await this.feed.write(chunk)
      count(chunk.length)
    }
  }

  private async fill(size: number): Promise<void> {
    if (padded(size) > size) await this.feed.write(Buffer.alloc(padded(size) - size))
  }
}
