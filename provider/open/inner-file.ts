import { stat } from 'node:fs/promises'
import path from 'node:path'
import { readHead } from '../members/compression.js'
import { isZip } from '../members/zip-end.js'
import { isSevenZip, isSevenZipPart } from '../seven-zip/parts.js'
import type { PackedOptions } from './open-packed.js'
import { packedMembers } from './packed-members.js'

/** The one file that a zip or 7z holds, unpacked; to be removed after use. */
export interface InnerFile {
  path: string
  close(): Promise<void>
}

/** Whether a file is a zip or 7z, or a part of one, by what it begins with. */
export function isPackedFile(file: string, start: Uint8Array): boolean {
  return isZip(start) || isSevenZip(start) || isSevenZipPart(file)
}

/**
 * The archive within a zip or 7z, where that holds one that has to be read as a file, such as a WIM.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, NO_SPACE
 */
export async function innerFile(file: string, options: PackedOptions): Promise<InnerFile | undefined> {
  const stats = await stat(file).catch(() => undefined)
  if (!stats?.isFile()) return undefined
  const start = await readHead(file, 8)
  if (!isPackedFile(file, start)) return undefined
  const { lookInside } = await import('./open-packed.js')
  const inside = await lookInside(await packedMembers(file, start, options), options)
  if (inside.kind === 'file') return inside
  await inside.members.close()
  return undefined
}

/** An error about an unpacked file names the archive that it came out of: the other path is gone when it is read. */
export function namedByArchive<T>(error: T, inner: string, archive: string): T {
  if (error instanceof Error) error.message = inTermsOf(error.message, inner, archive)
  return error
}

export function inTermsOf(text: string, inner: string, archive: string): string {
  return text.replaceAll(inner, `${archive}: ${path.basename(inner)}`)
}
