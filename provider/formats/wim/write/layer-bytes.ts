import { ContainerImageError, impossible } from '../../../../manifests/index.js'
import { decompressed, type FileCompression } from '../../../archives/members/compression.js'
import { type Cursor, fileCursor, streamCursor } from '../../../archives/members/cursor.js'
import type { TarEntry } from '../../../archives/members/tar-entries.js'
import type { Bytes, FileRange } from '../../../io/bytes.js'
import { readRange } from '../../../io/files/read-range.js'
import type { WimContent } from './source.js'

/** A layer of an image: a tar, compressed or not. */
export interface LayerSource {
  /** For messages: its digest. */
  readonly label: string
  readonly compression: FileCompression
  /** Where its bytes, compressed as they are, lie on this machine. */
  readonly range?: FileRange
  /** Its bytes, compressed as they are, if they are not in a file. Called once per pass. */
  open?(): Bytes
}

/**
 * Reads a layer. Contents of a tar that lies uncompressed in a file are ranges of that file. Any other tar is
 * read twice from its start to its end: once for its headers, and once for those contents that are still there
 * when all layers are laid over each other. That costs the decompression again, but no copy on the disk and no
 * memory.
 */
export class LayerBytes {
  private current: ReturnType<typeof streamCursor> | undefined
  /** Shared by the contents of a layer that lies in a file as it is. */
  private place: LayerPlace | undefined
  /** How long the tar is, once it has been walked through. */
  size = 0

  constructor(
    private readonly source: LayerSource,
    /** Where the layer's contents stand in the order of all layers. */
    private readonly order: number,
  ) {}

  /** A cursor for the first pass; the caller closes it. */
  headers(): Cursor {
    const { range, compression } = this.source
    return range && compression === 'none' ? fileCursor(range.path, range) : this.stream()
  }

  content({ offset, size }: Pick<TarEntry, 'offset' | 'size'>): WimContent | undefined {
    if (size === 0) return undefined
    const { range, compression } = this.source
    if (range && compression === 'none') {
      this.place ??= { range, order: this.order }
      return new ContentInFile(this.place, offset, size)
    }
    return { size, order: this.order + offset, open: () => this.read(offset, size) }
  }

  async close(): Promise<void> {
    await this.current?.close()
    this.current = undefined
  }

  /** Going back opens the stream anew. */
  private async *read(offset: number, size: number): Bytes {
    if (this.current && this.current.position > offset) await this.close()
    this.current ??= this.stream()
    const cursor = this.current
    await cursor.skip(offset - cursor.position)
    yield* cursor.rest(size)
    if (cursor.position !== offset + size) throw this.cutShort()
  }

  private stream(): ReturnType<typeof streamCursor> {
    const { range, compression, label, open } = this.source
    const bytes = range ? readRange(range) : open?.()
    if (!bytes) impossible('A layer has neither a range nor a way to open it.')
    return streamCursor(decompressed(bytes, compression, label))
  }

  private cutShort(): ContainerImageError {
    return new ContainerImageError('ARCHIVE_INVALID', `${this.source.label} ends before it should.`, {
      side: 'source',
    })
  }
}

interface LayerPlace {
  range: FileRange
  order: number
}

/** A file of a layer that lies in a file as it is. Layers have a hundred thousand of them: each is one small object. */
class ContentInFile implements WimContent {
  number: number | undefined = undefined

  constructor(
    private readonly layer: LayerPlace,
    private readonly offset: number,
    readonly size: number,
  ) {}

  get order(): number {
    return this.layer.order + this.offset
  }

  get range(): FileRange {
    const { path, offset } = this.layer.range
    return { path, offset: offset + this.offset, size: this.size }
  }
}
