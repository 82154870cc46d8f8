import path from 'node:path'
import { ContainerImageError, show, throwIfAborted } from '../../../../manifests/index.js'
import type { Held } from '../../../io/files/durable.js'
import { checkSpace } from '../../../io/files/space.js'
import type { OnProgress } from '../../../io/progress.js'
import { HEADER_SIZE, isChunkSize } from '../read/header.js'
import { BlobWriter } from './blob-writer.js'
import { ContentList } from './content-list.js'
import type { EncodeSetup, WriteCompression } from './encode-job.js'
import { EncodePool, LocalEncoder, type SlotEncoder } from './encode-pool.js'
import { finishParts, integritySize } from './finish-parts.js'
import { PartsWriter } from './parts-writer.js'
import type { WimSourceImage } from './source.js'
import { putHashes } from './tree-hashes.js'
import { layoutTree } from './tree-layout.js'
import { xmlBytes } from './xml-text.js'

export interface WriteWimOptions {
  compression: WriteCompression
  /** Whether to add hashes of the file itself, so that other programs can detect damage. */
  integrity?: boolean
  /** A power of two: 4096 to 65536 for XPRESS, 32768 to 2097152 for LZX; default: 32768. */
  chunkSize?: number
  /** The most bytes of one file: `image.swm`, `image2.swm` and so on. A larger content has a file of its own. */
  splitSize?: number
  /** For the display: `Saving debian 12.5`. */
  task?: string
  /** Under which the files are written. */
  lock?: Held
  signal?: AbortSignal
  onProgress?: OnProgress
}

export interface WroteWim {
  /** The paths of the files, in their order. */
  files: string[]
  /** Bytes of all files. */
  bytes: number
  /** Contents that were stored, each once, and the bytes that they have. */
  blobs: number
  blobBytes: number
}

const DEFAULT_CHUNK = 32768
const UNIT_SIZE = 1 << 19
/** Anything smaller is encoded before workers would have started. */
const LOCAL_BYTES = 4 << 20
/** The share that compression leaves of almost any tree, for the check of free space beforehand. */
const LEAST_RATIO = 0.25

/**
 * Writes images into one WIM, or into the parts of a split one. The same input gives the same bytes. The
 * files are `NAME.part` until all of them are there and on the disk; files of that name are replaced.
 * UNSAFE_NAME and CANNOT_MAKE where a tree has what no WIM can hold; NO_SPACE, PERMISSION_DENIED,
 * INTERRUPTED, and what reading the contents throws: then no file is left.
 */
export async function writeWim(
  target: string,
  images: readonly WimSourceImage[],
  options: WriteWimOptions,
): Promise<WroteWim> {
  throwIfAborted(options.signal)
  const setup = encodeSetup(options)
  const list = new ContentList()
  const layouts = images.map((image) => layoutTree(image, list))
  for (const image of images) image.release?.()
  const { contents } = list
  const total = contents.reduce((sum, { size }) => sum + size, 0)
  await checkSpace(target, setup.compression === 'none' ? total : Math.floor(total * LEAST_RATIO))

  const metadataSize = layouts.reduce((sum, { bytes }) => sum + bytes.size + 50, 0)
  const splitSize = options.splitSize ?? Number.MAX_SAFE_INTEGER
  const overhead = HEADER_SIZE + xmlSize(images) + (options.integrity ? integritySize(splitSize) : 0)
  const parts = new PartsWriter(target, { splitSize, overhead, reserved: metadataSize, lock: options.lock })
  const encoder: SlotEncoder = total <= LOCAL_BYTES ? new LocalEncoder(setup) : new EncodePool(setup)
  const task = options.task ?? `Writing ${path.basename(target)}`
  options.onProgress?.({ type: 'begin', task, total })
  options.onProgress?.({ type: 'blob', id: target, label: path.basename(target), size: total })
  const onBytes = (count: number) =>
    options.onProgress?.({ type: 'bytes', id: target, count, kind: 'copied' })
  const writer = new BlobWriter(encoder, parts, setup, contents, { signal: options.signal, onBytes })
  try {
    await writer.writeAll(list.inOrder())
    await parts.putLargestFirst()
    const { blobs, blobOf } = writer
    const metadata = []
    for (const layout of layouts) {
      putHashes(layout, blobOf, blobs)
      metadata.push(await writer.writeMetadata(layout.bytes))
    }
    const counts = layouts.map((layout) => layout.counts)
    await finishParts({
      ...setup,
      parts: parts.parts,
      blobs,
      metadata,
      xml: (at) => xmlBytes(images, counts, at),
      integrity: options.integrity ?? false,
      signal: options.signal,
    })
    throwIfAborted(options.signal)
    // The first part, without which the others are nothing, gets its name last.
    for (const part of [...parts.parts].reverse()) await part.commit()
    return {
      files: parts.parts.map((part) => part.target),
      bytes: parts.parts.reduce((sum, part) => sum + part.position, 0),
      blobs: blobs.count,
      blobBytes: blobs.bytes,
    }
  } catch (error) {
    await writer.abandon(error)
    for (const part of parts.parts) await part.discard()
    throw error
  } finally {
    await encoder.close()
    options.onProgress?.({ type: 'blob-end', id: target })
    options.onProgress?.({ type: 'end', task })
  }
}

function encodeSetup({ compression, chunkSize = DEFAULT_CHUNK }: WriteWimOptions): EncodeSetup {
  const type = compression === 'lzx' ? 'LZX' : 'XPRESS'
  if (compression !== 'none' && !isChunkSize(type, chunkSize))
    throw new ContainerImageError('USAGE', `${type} has no chunks of ${show(chunkSize)} bytes.`, {
      expected: type === 'LZX' ? 'a power of two from 32768 to 2097152' : 'a power of two from 4096 to 65536',
      found: chunkSize,
    })
  return { compression, chunkSize, unitSize: Math.max(UNIT_SIZE, chunkSize) }
}

/** More than the XML data can have: times and counts are longer here than they are written. */
function xmlSize(images: readonly WimSourceImage[]): number {
  const most = Number.MAX_SAFE_INTEGER
  const counts = { directories: most, files: most, totalBytes: most, hardLinkBytes: most }
  return xmlBytes(
    images,
    images.map(() => counts),
    most,
  ).length
}
