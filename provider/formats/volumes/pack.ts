import type { Digest, VolumeBlob, VolumePiece } from '../../../manifests/index.js'
import { BLOCK, padded } from '../../archives/members/tar-header.js'

/** A blob that is to be put into volumes. */
export interface BlobToPack {
  digest: Digest
  /** In bytes. */
  size: number
}

/** A smaller gap is not worth a piece of its own. */
const LEAST_PIECE = 16 * 1024

/** How many bytes of a volume a member takes up, its header and padding included. */
export function memberBytes(size: number): number {
  return BLOCK + padded(size)
}

/**
 * Which volume gets what. The largest blobs come first; each goes whole into the first volume with room for it. If
 * whole blobs would need more than one volume more than their bytes do, those that fit nowhere are cut to fill the
 * gaps: ten layers of a little more than half a volume go into six or seven volumes, not into ten.
 * @param room bytes of a volume for its members
 */
export function packed(blobs: readonly BlobToPack[], room: number): VolumeBlob[] {
  const bytes = blobs.reduce((sum, { size }) => sum + memberBytes(size), 0)
  const volumes = new Volumes(room, Math.ceil(bytes / room) + 1)
  return [...blobs]
    .sort(largestFirst)
    .map(({ digest, size }) => ({ digest, size, pieces: volumes.put(size) }))
}

function largestFirst(a: BlobToPack, b: BlobToPack): number {
  return b.size - a.size || (a.digest < b.digest ? -1 : 1)
}

class Volumes {
  /** How many bytes each still has free. */
  private readonly free: number[] = []

  /** @param enough how many volumes there may be before a blob that would fit into one is cut */
  constructor(
    private readonly room: number,
    private readonly enough: number,
  ) {}

  put(size: number): VolumePiece[] {
    const pieces: VolumePiece[] = []
    const most = this.room - BLOCK
    let from = 0
    for (; size - from > most; from += most) pieces.push({ volume: this.open(most), from, size: most })
    const rest = size - from
    const at = this.free.findIndex((bytes) => bytes >= memberBytes(rest))
    if (at >= 0) pieces.push({ volume: this.take(at, rest), from, size: rest })
    else pieces.push(...this.cut(from, rest))
    return pieces
  }

  /** Cuts what fits into no volume as it is. */
  private cut(from: number, size: number): VolumePiece[] {
    const gaps = this.free.length < this.enough ? [] : this.gapsFor(size)
    if (gaps.length === 0) return [{ volume: this.open(size), from, size }]
    let next = from
    return gaps.map(({ at, size: taken }) => {
      const piece = { volume: this.take(at, taken), from: next, size: taken }
      next += taken
      return piece
    })
  }

  /** Gaps into which a blob fits, the largest ones, in the order of their volumes; none if it does not fit. */
  private gapsFor(size: number): { at: number; size: number }[] {
    const gaps: { at: number; size: number }[] = []
    let left = size
    const largest = this.free
      .map((bytes, at) => ({ at, bytes }))
      .sort((a, b) => b.bytes - a.bytes || a.at - b.at)
    for (const { at, bytes } of largest) {
      const most = Math.floor((bytes - BLOCK) / BLOCK) * BLOCK
      if (left === 0 || most < LEAST_PIECE) break
      const taken = Math.min(most, left)
      gaps.push({ at, size: taken })
      left -= taken
    }
    return left === 0 ? gaps.sort((a, b) => a.at - b.at) : []
  }

  /** @returns the number of the new volume */
  private open(size: number): number {
    return this.take(this.free.push(this.room) - 1, size)
  }

  private take(at: number, size: number): number {
    this.free[at] = (this.free[at] ?? 0) - memberBytes(size)
    return at + 1
  }
}
