import { canonicalBytes } from './canonical-json.js'
import { isDigest } from './digest.js'
import { parseObject } from './document.js'
import { eachObject } from './each-object.js'
import { LIMITS } from './limits.js'
import { isPortablePath } from './media-list.js'
import { Findings } from './problems.js'

/** What a volume says about the whole set that it belongs to. */
export interface VolumeList {
  volumeVersion: 1
  /** Identifies the set: 64 hex digits, the same for the same images cut in the same way. */
  set: string
  /** Of this volume, from 1. */
  number: number
  images: VolumeImage[]
  /** All volumes of the set, in order. */
  volumes: { name: string; size: number }[]
  /** Every blob that is in one or in several of them; documents are in each. */
  blobs: VolumeBlob[]
}

export interface VolumeImage {
  name: string
  version: string
  platform: string
  digest: string
}

export interface VolumeBlob {
  digest: string
  /** In bytes. */
  size: number
  /** In order and without gaps. */
  pieces: VolumePiece[]
}

export interface VolumePiece {
  /** The number of the volume, from 1. */
  volume: number
  /** Bytes of the blob before it. */
  from: number
  /** In bytes. */
  size: number
}

/** The first member of every volume, and the last, which has the SHA-256 of all bytes before it. */
export const VOLUME_FILE = 'volume.json'
export const VOLUME_SUM_FILE = 'volume.sha256'

/** The most volumes that a set may have. */
export const MOST_VOLUMES = 999

/**
 * Canonical bytes, padded with blanks to a size, so that the lists of all volumes of a set have the same
 * size.
 */
export function volumeListBytes(list: VolumeList, size: number): Buffer {
  const bytes = canonicalBytes(list)
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, size - bytes.length), ' ')])
}

/** The name of a blob's piece in its volume: the blob's own if it is whole. */
export function pieceName(blob: Pick<VolumeBlob, 'digest' | 'pieces'>, piece: VolumePiece): string {
  const whole = `blobs/${blob.digest.replace(':', '/')}`
  const { length } = blob.pieces
  return length === 1 ? whole : `${whole}.part${blob.pieces.indexOf(piece) + 1}of${length}`
}

/**
 * Parses and checks the list of a volume.
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseVolumeList(bytes: Uint8Array): VolumeList {
  const object = parseObject(bytes, 'list of the volume', LIMITS.indexBytes)
  const findings = new Findings('list of the volume')
  if (object.volumeVersion !== 1) findings.add('volumeVersion', '1', object.volumeVersion)
  if (typeof object.set !== 'string' || !/^[0-9a-f]{64}$/.test(object.set))
    findings.add('set', '64 hex digits', object.set)
  eachObject(object.images, 'images', findings, checkImage)
  eachObject(object.volumes, 'volumes', findings, checkVolume)
  const count = Array.isArray(object.volumes) ? object.volumes.length : 0
  if (count < 1 || count > MOST_VOLUMES) findings.add('volumes', `1 to ${MOST_VOLUMES}`, count)
  if (!isFrom(1, object.number, count)) findings.add('number', `1 to ${count}`, object.number)
  eachObject(object.blobs, 'blobs', findings, (blob, where) => checkBlob(blob, where, count, findings))
  findings.throwIfAny()
  return object as unknown as VolumeList
}

function checkImage(image: Record<string, unknown>, where: string, findings: Findings): void {
  for (const key of ['name', 'version', 'platform'])
    if (typeof image[key] !== 'string') findings.add(`${where}.${key}`, 'a text', image[key])
  if (!isDigest(image.digest)) findings.add(`${where}.digest`, 'a digest', image.digest)
}

function checkVolume(volume: Record<string, unknown>, where: string, findings: Findings): void {
  if (!isPortablePath(volume.name) || volume.name.includes('/'))
    findings.add(`${where}.name`, 'the name of a file', volume.name)
  if (!isFrom(1, volume.size)) findings.add(`${where}.size`, 'a number of bytes', volume.size)
}

function checkBlob(blob: Record<string, unknown>, where: string, count: number, findings: Findings): void {
  if (!isDigest(blob.digest)) findings.add(`${where}.digest`, 'a digest', blob.digest)
  if (!isFrom(0, blob.size)) findings.add(`${where}.size`, 'a number of bytes', blob.size)
  let end = 0
  eachObject(blob.pieces, `${where}.pieces`, findings, (piece, place) => {
    if (!isFrom(1, piece.volume, count)) findings.add(`${place}.volume`, `1 to ${count}`, piece.volume)
    if (piece.from !== end) findings.add(`${place}.from`, String(end), piece.from)
    if (!isFrom(0, piece.size)) findings.add(`${place}.size`, 'a number of bytes', piece.size)
    end += Number(piece.size)
  })
  if (end !== blob.size) findings.add(`${where}.pieces`, `${String(blob.size)} bytes together`, end)
}

function isFrom(least: number, value: unknown, most: number = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}
