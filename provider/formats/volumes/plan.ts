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
  volumeListBytes,
} from '../../../manifests/index.js'
import { BLOCK } from '../../archives/members/tar-header.js'
import { sizeInWords } from '../../io/files/sizes.js'
import { END_BYTES, layOut, type MemberPlan, type PlannedMember } from '../in-place/member-plan.js'
import { memberBytes, packed } from './pack.js'

/** `<64 hex digits>\n`. */
export const SUM_BYTES = 65

/** A volume is not worth making for less than this: a set needs room for more. */
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
  /** What the names begin with: `debian-12-5` gives `debian-12-5.vol1of3.tar`. */
  base: string
  images: VolumeImage[]
  /** The most bytes that a volume may have. */
  volumeSize: number
}

/**
 * Cuts an archive into volumes, each a tar of its own: documents are in every one, blobs are whole as long as that
 * takes at most one volume more than the fewest. The same archive and size always give the same volumes.
 * @param whole the archive as one file
 * @throws USAGE if a volume has too little room, or there would be too many
 */
export function planVolumes(whole: MemberPlan, facts: SetFacts): VolumePlan {
  const documents = whole.members.filter((member) => member.bytes)
  const blobs = [...whole.blobs].map(([digest, { size }]) => ({ digest, size }))
  for (let listSize = 4096; ; listSize *= 2) {
    const room = roomOf(documents, listSize, facts)
    const placed = packed(blobs, room)
    checkCount(countOf(placed))
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

/** How many volumes some pieces need; one if there are no pieces. */
function countOf(blobs: VolumeBlob[]): number {
  return blobs.reduce((most, { pieces }) => pieces.reduce((n, { volume }) => Math.max(n, volume), most), 1)
}

/** @throws USAGE */
function checkCount(count: number): void {
  if (count <= MOST_VOLUMES) return
  throw new ContainerImageError('USAGE', `There would be ${count} volumes.`, {
    expected: `at most ${MOST_VOLUMES}`,
    found: count,
    remedy: `Give a larger ${option('volumeSize')}.`,
  })
}

function listOf(
  blobs: VolumeBlob[],
  documents: PlannedMember[],
  listSize: number,
  { base, images }: SetFacts,
): Omit<VolumeList, 'number'> {
  const count = countOf(blobs)
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

/** `debian-12-5.vol03of12.tar`; all numbers have the same number of digits, so that they sort. */
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
