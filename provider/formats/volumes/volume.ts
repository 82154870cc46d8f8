import path from 'node:path'
import { LIMITS, parseVolumeList, VOLUME_FILE, type VolumeList } from '../../../manifests/index.js'
import { readHead } from '../../archives/members/compression.js'
import { BLOCK, parseTarHeader } from '../../archives/members/tar-header.js'
import { openToRead } from '../../io/files/read-document.js'

/** A file that declares itself to be a volume. */
export interface Volume {
  path: string
  list: VolumeList
}

/** How volumes are named; users may have renamed them. */
const NAMED = /\.vol\d+of\d+\.tar$/i

/** Whether a file's name looks like that of a volume. */
export function isVolumeName(name: string): boolean {
  return NAMED.test(path.basename(name))
}

/** `debian-12-5` for `debian-12-5.vol1of3.tar`; any other name as it is. */
export function baseOfVolume(name: string): string {
  return name.replace(NAMED, '')
}

/** Whether a file with this beginning is a volume. */
export function beginsAsVolume(start: Uint8Array): boolean {
  return listSize(start) !== undefined
}

function listSize(start: Uint8Array): number | undefined {
  const header = parseTarHeader(start)
  return header?.name === VOLUME_FILE && header.size <= LIMITS.indexBytes ? header.size : undefined
}

/**
 * The list in a volume; undefined if the file is not one.
 * @throws INVALID_DOCUMENT
 */
export async function readVolume(file: string): Promise<Volume | undefined> {
  const size = listSize(await readHead(file, BLOCK))
  if (size === undefined) return undefined
  const handle = await openToRead(file)
  try {
    const bytes = Buffer.alloc(size)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, BLOCK)
    return { path: file, list: parseVolumeList(bytes.subarray(0, bytesRead)) }
  } finally {
    await handle.close()
  }
}
