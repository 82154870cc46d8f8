import { isWindowed, WINDOWS_SIZE } from '../codecs/decoders.js'
import type { BlobsJob, ChunksJob, PlainJob, SolidJob } from './decode-job.js'
import type { WimPart } from './part.js'
import { chunkCount, solidDataOffset, type WimResource } from './resource.js'
import type { WimBlob } from './resource-table.js'

/** What one worker does in one go: a run of one file that expands to a run of bytes, and the blobs in it. */
export interface Unit {
  readonly part: WimPart
  readonly task: PlainJob | BlobsJob | ChunksJob | SolidJob
  /** How many bytes it expands to. */
  readonly size: number
  /** How many bytes of the file are in memory to be expanded; 0 where they are the expanded ones themselves. */
  readonly stored: number
  readonly pieces: readonly Piece[]
}

/** A blob, or a part of it, in the expanded bytes of a unit. */
export interface Piece {
  readonly blob: WimBlob
  /** Where it starts in the unit. */
  readonly at: number
  readonly size: number
  /** Where it starts in the blob. */
  readonly from: number
}

/** Small resources are gathered up to this size: long enough to be worth a message to a worker. */
const GATHERED = 1 << 20
/** Larger ones are cut into runs of chunks of this size. */
export const UNIT_SIZE = 4 << 20
/**
 * Unwanted bytes in between are read as well if there are so few of them that a separate read would cost
 * more.
 */
const MAX_GAP = 1 << 16
const MAX_GATHERED = 2048

/**
 * Puts blobs into the order in which their bytes lie, and cuts them into units. Each solid chunk is in one
 * unit only, and chunks without a wanted blob are in none.
 */
export function* planUnits(blobs: Iterable<WimBlob>): Generator<Unit, void, undefined> {
  const sorted = [...new Set(blobs)].sort(byPosition)
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i] as WimBlob
    const end = first.resource.form === 'solid' ? sameResource(sorted, i) : gatheredUntil(sorted, i)
    const run = sorted.slice(i, end)
    if (first.resource.form === 'solid') yield* solidUnits(first.resource, run)
    else if (first.size > UNIT_SIZE) yield* cutUnits(first)
    else yield gatheredUnit(run)
    i = end
  }
}

/** The order in which the bytes of blobs lie in the parts of a WIM. */
export function byPosition(a: WimBlob, b: WimBlob): number {
  return a.part.place - b.part.place || a.position - b.position || a.offset - b.offset || a.size - b.size
}

function sameResource(blobs: readonly WimBlob[], from: number): number {
  let end = from
  while (blobs[end]?.resource === blobs[from]?.resource) end++
  return end
}

/** How far resources can be gathered into one unit: they follow each other and are small together. */
function gatheredUntil(blobs: readonly WimBlob[], from: number): number {
  const first = blobs[from] as WimBlob
  let size = 0
  let reached = first.resource.offset
  let end = from
  for (; end < blobs.length && end - from < MAX_GATHERED; end++) {
    const { resource } = blobs[end] as WimBlob
    const gap = resource.offset - reached
    if (end > from) {
      if (resource.form === 'solid' || resource.part !== first.resource.part) break
      if (gap < 0 || gap > MAX_GAP || size + resource.originalSize > GATHERED) break
    }
    size += resource.originalSize
    reached = resource.offset + resource.size
  }
  return end
}

function gatheredUnit(blobs: readonly WimBlob[]): Unit {
  const first = (blobs[0] as WimBlob).resource
  const last = (blobs.at(-1) as WimBlob).resource
  const resources = new Float64Array(blobs.length * 4)
  const pieces: Piece[] = []
  let at = 0
  blobs.forEach((blob, i) => {
    const { offset, size, originalSize, form } = blob.resource
    resources.set([offset, size, originalSize, form === 'plain' ? 0 : 1], 4 * i)
    pieces.push({ blob, at, size: blob.size, from: 0 })
    at += originalSize
  })
  const { chunkSize, compression, pipable } = first.part.header
  const task: BlobsJob = {
    kind: 'blobs',
    start: first.offset,
    end: last.offset + last.size,
    compression,
    chunkSize,
    pipable,
    resources,
  }
  return { part: first.part, task, size: at, stored: task.end - task.start, pieces }
}

/** A large resource, some chunks at a time. */
function* cutUnits(blob: WimBlob): Generator<Unit, void, undefined> {
  const { part, form, offset, size, originalSize, compression, chunkSize } = blob.resource
  if (form === 'plain') {
    for (let at = 0; at < size; at += UNIT_SIZE) {
      const length = Math.min(UNIT_SIZE, size - at)
      const pieces = [{ blob, at: 0, size: length, from: at }]
      yield {
        part,
        task: { kind: 'plain', start: offset + at, size: length },
        size: length,
        stored: 0,
        pieces,
      }
    }
    return
  }
  const chunks = chunkCount(originalSize, chunkSize)
  const step = Math.max(1, Math.floor(UNIT_SIZE / chunkSize))
  for (let first = 0; first < chunks; first += step) {
    const count = Math.min(step, chunks - first)
    const from = first * chunkSize
    const length = Math.min(count * chunkSize, originalSize - from)
    const pipable = form === 'pipable'
    const task: ChunksJob = {
      ...{ kind: 'chunks', offset, size, originalSize, compression, chunkSize, pipable, first, count },
    }
    yield { part, task, size: length, stored: length, pieces: [{ blob, at: 0, size: length, from }] }
  }
}

/** The chunks of a solid resource that hold any of the blobs, which are in order. */
function* solidUnits(resource: WimResource, blobs: readonly WimBlob[]): Generator<Unit, void, undefined> {
  const { part, compression, chunkSize, originalSize } = resource
  const sizes = resource.chunkSizes ?? new Uint32Array(0)
  const step = Math.max(1, Math.floor(GATHERED / chunkSize))
  let start = solidDataOffset(resource)
  let next = 0
  let open: WimBlob[] = []
  for (let first = 0; first < sizes.length; first += step) {
    const count = Math.min(step, sizes.length - first)
    const from = first * chunkSize
    const size = Math.min(count * chunkSize, originalSize - from)
    const stored = sizes.subarray(first, first + count)
    const storedSize = stored.reduce((sum, one) => sum + one, 0)
    for (; next < blobs.length && (blobs[next] as WimBlob).offset < from + size; next++)
      open.push(blobs[next] as WimBlob)
    const pieces = open.map((blob) => pieceIn(blob, from, size))
    if (pieces.length > 0) {
      const task: SolidJob = { kind: 'solid', start, sizes: stored.slice(), compression, chunkSize, size }
      const windowed = count === 1 && isWindowed(compression, storedSize)
      const inMemory = storedSize === size ? 0 : windowed ? WINDOWS_SIZE : storedSize
      yield { part, task, size, stored: inMemory, pieces }
    }
    open = open.filter((blob) => blob.offset + blob.size > from + size)
    start += storedSize
  }
}

function pieceIn(blob: WimBlob, from: number, size: number): Piece {
  const start = Math.max(blob.offset, from)
  const end = Math.min(blob.offset + blob.size, from + size)
  return { blob, at: start - from, size: end - start, from: start - blob.offset }
}
