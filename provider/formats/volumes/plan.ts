import { createHash } from 'node:crypto'
import {
  ContainerImageError,
  canonicalBytes,
  type Descriptor,
  type Digest,
  MOST_VOLUMES,
  option,
  pieceName,
  VOLUME_FILE,
  VOLUME_SUM_FILE,
  type VolumeBlob,
  type VolumeImage,
  type VolumeList,
  type VolumePiece,
  volumeListBytes,
} from '../../../manifests/index.js'
import { BLOCK, padded } from '../../archives/members/tar-header.js'
import { sizeInWords } from '../../io/files/sizes.js'
import { END_BYTES, layOut, type MemberPlan, type PlannedMember } from '../in-place/member-plan.js'

/** `<64 hex digits>\n`. */
export const SUM_BYTES = 65

/** A blob smaller than this is not worth a volume of its own: a set needs room for more. */
const LEAST_CONTENT = 1024 * 1024

export interface PlannedVolume {
  name: string
  plan: MemberPlan
}

/** Where every byte of a set goes, known before the first blob arrives. */
export interface VolumePlan {
  list: Omit<VolumeList, 'number'>
  volumes: PlannedVolume[]
  blobs: Map<Digest, VolumeBlob>
}

export interface SetFacts {
  /** Of the names: `debian-12-5` gives `debian-12-5.vol1of3.tar`. */
  base: string
  images: VolumeImage[]
  /** In bytes, at most, of each volume. */
  volumeSize: number
}

/**
 * Cuts an archive into volumes, each a tar of its own: documents are in every one, blobs whole where they
 * fit, the largest first. The same archive and size always give the same volumes.
 * @param whole the archive as one file
 * @throws USAGE where a volume has too little room, or there would be too many
 */
export function planVolumes(whole: MemberPlan, facts: SetFacts): VolumePlan {
  const documents = whole.members.filter((member) => member.bytes)
  const blobs = [...whole.blobs].map(([digest, { size }]) => ({ digest, size }))
  for (let listSize = 4096; ; listSize *= 2) {
    const room = roomOf(documents, listSize, facts)
    const placed = place(blobs, room)
    const list = listOf(placed, documents, listSize, facts)
    if (canonicalBytes({ ...list, number: MOST_VOLUMES }).length > listSize) continue
    const byDigest = new Map(list.blobs.map((blob) => [blob.digest, blob]))
    const descriptors = new Map([...whole.blobs].map(([digest, member]) => [digest, member.descriptor]))
    const volumes = list.volumes.map(({ name }, i) => ({
      name,
      plan: layOut([
        inMemory(VOLUME_FILE, volumeListBytes({ ...list, number: i + 1 }, listSize)),
        ...documents,
        ...piecesOf(list.blobs, i + 1, descriptors),
        { name: VOLUME_SUM_FILE, size: SUM_BYTES },
      ]),
    }))
    return { list, volumes, blobs: byDigest }
  }
}

/** Bytes for pieces in a volume, their headers included. */
function roomOf(documents: PlannedMember[], listSize: number, { volumeSize }: SetFacts): number {
  const fixed = [...documents.map(({ size }) => size), listSize, SUM_BYTES]
  const taken = fixed.reduce((sum, size) => sum + memberBytes(size), END_BYTES)
  const room = Math.floor((volumeSize - taken) / BLOCK) * BLOCK
  if (room >= LEAST_CONTENT) return room
  throw new ContainerImageError('USAGE', `Volumes of ${sizeInWords(volumeSize)} are too small.`, {
    expected: `at least ${sizeInWords(taken + LEAST_CONTENT)}`,
    found: sizeInWords(volumeSize),
    remedy: `Give a larger ${option('volumeSize')}.`,
  })
}

function memberBytes(size: number): number {
  return BLOCK + padded(size)
}

/** The largest first; each into the first volume with room, what fits none is cut, its rest goes where it fits. */
function place(blobs: { digest: Digest; size: number }[], room: number): VolumeBlob[] {
  const free: number[] = []
  const put = (from: number, size: number): VolumePiece => {
    const needed = memberBytes(size)
    let at = free.findIndex((bytes) => bytes >= needed)
    if (at < 0) at = free.push(room) - 1
    free[at] = (free[at] ?? 0) - needed
    return { volume: at + 1, from, size }
  }
  const most = room - BLOCK
  const placed = [...blobs].sort(largestFirst).map(({ digest, size }) => {
    const pieces: VolumePiece[] = []
    let from = 0
    for (; size - from > most; from += most) pieces.push(put(from, most))
    pieces.push(put(from, size - from))
    return { digest, size, pieces }
  })
  if (free.length > MOST_VOLUMES)
    throw new ContainerImageError('USAGE', `There would be ${free.length} volumes.`, {
      expected: `at most ${MOST_VOLUMES}`,
      found: free.length,
      remedy: `Give a larger ${option('volumeSize')}.`,
    })
  return placed
}

function largestFirst(a: { digest: Digest; size: number }, b: { digest: Digest; size: number }): number {
  return b.size - a.size || (a.digest < b.digest ? -1 : 1)
}

function listOf(
  blobs: VolumeBlob[],
  documents: PlannedMember[],
  listSize: number,
  { base, images }: SetFacts,
): Omit<VolumeList, 'number'> {
  const count = Math.max(1, ...blobs.flatMap((blob) => blob.pieces.map((piece) => piece.volume)))
  const volumes = Array.from({ length: count }, (_, i) => ({
    name: volumeName(base, i + 1, count),
    size: sizeOf(blobs, i + 1, [...documents.map(({ size }) => size), listSize, SUM_BYTES]),
  }))
  const facts = { volumeVersion: 1 as const, images, volumes, blobs }
  const set = createHash('sha256').update(canonicalBytes(facts))
  for (const { bytes } of documents) set.update(bytes ?? '')
  return { ...facts, set: set.digest('hex') }
}

function sizeOf(blobs: VolumeBlob[], number: number, fixed: number[]): number {
  const pieces = blobs.flatMap((blob) => blob.pieces).filter((piece) => piece.volume === number)
  return [...fixed, ...pieces.map(({ size }) => size)].reduce(
    (sum, size) => sum + memberBytes(size),
    END_BYTES,
  )
}

/** `debian-12-5.vol03of12.tar`; all numbers have as many digits, so that they sort. */
function volumeName(base: string, number: number, count: number): string {
  return `${base}.vol${String(number).padStart(String(count).length, '0')}of${count}.tar`
}

function piecesOf(
  blobs: VolumeBlob[],
  number: number,
  descriptors: Map<Digest, Descriptor | undefined>,
): Omit<PlannedMember, 'offset'>[] {
  return blobs.flatMap((blob) =>
    blob.pieces
      .filter((piece) => piece.volume === number)
      .map((piece) => {
        const descriptor = descriptors.get(blob.digest)
        return { name: pieceName(blob, piece), size: piece.size, descriptor }
      }),
  )
}

function inMemory(name: string, bytes: Uint8Array): Omit<PlannedMember, 'offset'> {
  return { name, size: bytes.length, bytes }
}
