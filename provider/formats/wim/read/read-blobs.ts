import { createHash, type Hash } from 'node:crypto'
import { interrupted, throwIfAborted } from '../../../../manifests/index.js'
import { damaged } from './damage.js'
import { isFaulty } from './decode.js'
import type { Writes } from './decode-job.js'
import { DecodePool } from './decode-pool.js'
import { LocalDecoder } from './local-decoder.js'
import type { WimBlob } from './resource-table.js'
import { type Piece, planUnits, type Unit } from './stream-plan.js'
import type { Decoded, Orders, UnitDecoder } from './unit-decoder.js'

export interface ReadOptions {
  signal?: AbortSignal
  /** How many threads expand; default: as many as the machine has cores; 0 for the calling thread. */
  workers?: number
  /** Called with how many bytes have been expanded and checked so far. */
  onProgress?(bytes: number): void
}

/**
 * Some bytes of a blob, in order. A blob in one piece has been checked; otherwise its last piece says whether
 * it is right.
 */
export interface BlobPiece {
  blob: WimBlob
  /** Where in the blob they stand. */
  offset: number
  /** Good until the next piece is asked for: the memory is then used again. */
  bytes: Buffer
  /** Whether it is the blob's last piece, and the blob's SHA-1 was found right. */
  last: boolean
}

/** What reading within this folder can ask for beyond ReadOptions. */
export interface InnerOptions extends ReadOptions {
  /** Where the blobs are to be written, beside being read: asked unit by unit, in their order. */
  writes?: { fd: number; of(pieces: readonly Piece[]): Writes }
  /** Expands the units and stays open afterwards; without it, one is made for this call. */
  decoder?: UnitDecoder
  /** Called about damage, so that reading can go on without the blob; if left out, damage is thrown. */
  onDamage?(error: Error, blob: WimBlob): void
}

/**
 * Reads blobs in the order in which they lie, each solid chunk once, in worker threads. No more is read
 * ahead than the workers' memory holds, however slowly the pieces are taken. Throws DIGEST_MISMATCH or
 * ARCHIVE_INVALID, naming file, resource and offset, where one is damaged; INTERRUPTED.
 */
export async function* readBlobs(
  blobs: Iterable<WimBlob>,
  options: InnerOptions = {},
): AsyncGenerator<BlobPiece, void, undefined> {
  for await (const { bytes, pieces } of readRuns(blobs, options))
    for (const piece of pieces) {
      const { blob, at, size, from } = piece
      yield { blob, offset: from, bytes: bytes.subarray(at, at + size), last: isLast(piece) }
    }
}

/** Some bytes, and the pieces of blobs in them that are sound. */
export interface Run {
  /** Good until the next run is asked for. */
  bytes: Buffer
  pieces: readonly Piece[]
}

/**
 * Like readBlobs, but gives all pieces that are ready in one go: a Promise for each of many small ones costs
 * time.
 */
export async function* readRuns(
  blobs: Iterable<WimBlob>,
  options: InnerOptions = {},
): AsyncGenerator<Run, void, undefined> {
  throwIfAborted(options.signal)
  const work: WimBlob[] = []
  const empty: WimBlob[] = []
  for (const blob of blobs) (blob.size > 0 ? work : empty).push(blob)
  if (empty.length > 0) {
    yield { bytes: Buffer.alloc(0), pieces: empty.map((blob) => ({ blob, at: 0, size: 0, from: 0 })) }
  }
  if (work.length === 0) return
  const checker = new Checker(options.onDamage)
  let bytes = 0
  for await (const decoded of decodeUnits(planUnits(work), options)) {
    const pieces = checker.sound(decoded)
    for (const { size } of pieces) bytes += size
    yield { bytes: decoded.bytes, pieces }
    options.onProgress?.(bytes)
  }
}

/** Whether this piece completes a blob. */
export function isLast({ blob, from, size }: Piece): boolean {
  return from + size === blob.size
}

export interface BlobTarget {
  blob: WimBlob
  /** Where in the file its bytes go; several if the same content is in several places. */
  positions: readonly number[]
}

/**
 * Writes blobs into an open file, each at its places, straight from the workers. If this throws, the file has
 * to be given up. Throws what readBlobs does, and NO_SPACE.
 */
export async function writeBlobs(
  targets: Iterable<BlobTarget>,
  fd: number,
  options: ReadOptions = {},
): Promise<void> {
  const positions = new Map<WimBlob, readonly number[]>()
  for (const { blob, positions: more } of targets)
    positions.set(blob, [...(positions.get(blob) ?? []), ...more])
  const of = (pieces: readonly Piece[]): Writes => {
    const places = pieces.flatMap(({ blob, at, size, from }) =>
      (positions.get(blob) ?? []).flatMap((position) => [position + from, 0, at, size]),
    )
    return { heads: NO_HEADS, places: Float64Array.from(places) }
  }
  for await (const _ of readBlobs(positions.keys(), { ...options, writes: { fd, of } }));
}

const NO_HEADS = new Uint8Array(0)
const NO_WRITES: Writes = { heads: NO_HEADS, places: new Float64Array(0) }

/** The decoder that the options ask for. */
export function decoderFor(options: ReadOptions): UnitDecoder {
  return options.workers === 0 ? new LocalDecoder() : new DecodePool(options.workers)
}

/** Keeps the decoder busy, and gives the units in their order. */
async function* decodeUnits(
  units: Generator<Unit, void, undefined>,
  options: InnerOptions,
): AsyncGenerator<Decoded, void, undefined> {
  const { signal } = options
  const decoder = options.decoder ?? decoderFor(options)
  const onAbort = () => void decoder.close(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  const running: Promise<Decoded>[] = []
  try {
    let next = units.next()
    while (!next.done || running.length > 0) {
      throwIfAborted(signal)
      while (!next.done && (running.length === 0 || decoder.hasRoom(next.value))) {
        const { done } = await decoder.submit(next.value, ordersFor(next.value, options.writes))
        running.push(done)
        next = units.next()
      }
      const decoded = await running.shift()
      if (!decoded) break
      try {
        yield decoded
      } finally {
        decoded.release()
      }
    }
  } catch (error) {
    throw signal?.aborted ? interrupted(signal.reason) : error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    if (!options.decoder) await decoder.close()
    else
      for (const left of running)
        await left.then(
          (one) => one.release(),
          () => {},
        )
  }
}

function ordersFor(unit: Unit, writes: InnerOptions['writes']): Orders {
  const checks: number[] = []
  let hashes = ''
  unit.pieces.forEach((piece, i) => {
    hashes += piece.blob.sha1
    if (isWhole(piece)) checks.push(piece.at, piece.size, i)
  })
  return {
    checks: Float64Array.from(checks),
    hashes,
    writes: writes?.of(unit.pieces) ?? NO_WRITES,
    writeTo: writes?.fd ?? -1,
  }
}

function isWhole(piece: Piece): boolean {
  return piece.from === 0 && piece.size === piece.blob.size
}

/** Judges pieces by what the workers found, and hashes the blobs that span more than one unit. */
class Checker {
  private readonly hashes = new Map<WimBlob, Hash>()
  private readonly bad = new Set<WimBlob>()

  constructor(private readonly onDamage: InnerOptions['onDamage']) {}

  /** The pieces that can be used. */
  sound(decoded: Decoded): readonly Piece[] {
    const { unit, faults, mismatches } = decoded
    if (faults.length === 0 && mismatches.length === 0 && unit.pieces.every(isWhole)) return unit.pieces
    return unit.pieces.filter((piece) => this.accept(piece, decoded))
  }

  private accept(piece: Piece, decoded: Decoded): boolean {
    const { blob } = piece
    if (this.bad.has(blob)) return false
    const error = this.judge(piece, decoded)
    if (!error) return true
    if (!this.onDamage) throw error
    this.bad.add(blob)
    this.hashes.delete(blob)
    this.onDamage(error, blob)
    return false
  }

  private judge(piece: Piece, { unit, bytes, faults, mismatches }: Decoded): Error | undefined {
    const { blob } = piece
    const place = { file: unit.part.name, resource: `resource ${blob.sha1}` }
    if (isFaulty(faults, piece.at, piece.size)) {
      const fault = faults.find((one) => isFaulty([one], piece.at, piece.size))
      return damaged({ ...place, offset: fault?.offset }, fault?.what ?? 'it is damaged')
    }
    if (isWhole(piece)) {
      if (mismatches.length === 0) return undefined
      const wrong = mismatches.find((one) => unit.pieces[one.index] === piece)
      return wrong && mismatch(blob, wrong.found)
    }
    const hash = this.hashes.get(blob) ?? createHash('sha1')
    hash.update(bytes.subarray(piece.at, piece.at + piece.size))
    this.hashes.set(blob, hash)
    if (piece.from + piece.size < blob.size) return undefined
    this.hashes.delete(blob)
    const found = hash.digest('hex')
    return found === blob.sha1 ? undefined : mismatch(blob, found)
  }
}

function mismatch(blob: WimBlob, found: string): Error {
  const { part, offset } = blob.resource
  return damaged(
    { file: part.name, resource: `resource ${blob.sha1}`, offset },
    `its ${blob.size} bytes have the SHA-1 ${found}`,
    { expected: blob.sha1, found },
    'DIGEST_MISMATCH',
  )
}
