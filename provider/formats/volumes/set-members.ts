import {
  blobPath,
  ContainerImageError,
  pieceName,
  VOLUME_FILE,
  VOLUME_SUM_FILE,
  type VolumeBlob,
  type VolumePiece,
} from '../../../manifests/index.js'
import type { Member, Members } from '../../archives/members/members.js'
import { tarMembers } from '../../archives/members/tar.js'
import type { Bytes, FileRange, ReadOptions } from '../../io/bytes.js'
import { closeAll } from '../../io/closing/closing.js'
import { namesOf, type VolumeSet } from './volume-set.js'

/** More bytes than any volume has, so that a place in the set can be a single number. */
const VOLUME_STEP = 2 ** 43

/**
 * The members of a set as if its volumes were one archive. The content of a missing volume is listed, and fails when it
 * is read.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function setMembers(set: VolumeSet): Promise<Members> {
  const tars = new Map<number, Members>()
  for (const [number, file] of set.volumes) {
    const tar = await tarMembers(file)
    tars.set(number, tar)
    // There may be hundreds, on sticks that get pulled out: each is open only while it is read.
    await tar.close()
  }
  const [first] = tars.values()
  const blobs = new Map(set.list.blobs.map((blob) => [blobPath(blob.digest), blob]))
  const tarOf = (piece: VolumePiece): Members => tars.get(piece.volume) ?? missing(set, piece)

  async function* readPieces(blob: VolumeBlob, { from = 0, signal }: ReadOptions): Bytes {
    for (const piece of blob.pieces) {
      if (piece.from + piece.size <= from && blob.size > 0) continue
      const skip = Math.max(0, from - piece.from)
      yield* tarOf(piece).read(pieceName(blob, piece), { from: skip, signal })
    }
  }

  return {
    label: set.label,
    forwardOnly: false,
    async find(name): Promise<Member | undefined> {
      const blob = blobs.get(name)
      return blob ? { name, kind: 'file', size: blob.size } : await first?.find(name)
    },
    async list() {
      const documents = ((await first?.list()) ?? []).filter((member) => isDocument(member.name, blobs))
      return [...documents, ...[...blobs].map(([name, { size }]): Member => ({ name, kind: 'file', size }))]
    },
    read(name, options = {}) {
      const blob = blobs.get(name)
      if (blob) return readPieces(blob, options)
      return (first ?? missing(set, { volume: 1, from: 0, size: 0 })).read(name, options)
    },
    async locate(name): Promise<FileRange | undefined> {
      const blob = blobs.get(name)
      const [piece] = blob?.pieces ?? []
      if (!blob) return await first?.locate(name)
      return blob.pieces.length === 1 && piece ? await tarOf(piece).locate(name) : undefined
    },
    position: (name) => {
      const piece = blobs.get(name)?.pieces[0]
      return piece ? piece.volume * VOLUME_STEP + (tars.get(piece.volume)?.position(name) ?? 0) : 0
    },
    close: () => closeAll(tars.values()),
  }
}

function isDocument(name: string, blobs: Map<string, VolumeBlob>): boolean {
  return name !== VOLUME_FILE && name !== VOLUME_SUM_FILE && !blobs.has(name) && !/\.part\d+of\d+$/.test(name)
}

function missing(set: VolumeSet, { volume }: VolumePiece): never {
  throw new ContainerImageError(
    'VOLUME_MISSING',
    `${set.label}: ${namesOf(set.list, [volume])} is missing.`,
    {
      side: 'source',
      expected: namesOf(set.list, [volume]),
      found: 'nothing',
      details: { volumes: [volume] },
    },
  )
}
