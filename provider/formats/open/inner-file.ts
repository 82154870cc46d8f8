import path from 'node:path'
import { foundAt } from './found-at.js'
import type { PackedOptions } from './open-packed.js'

/** The one file that a zip or 7z holds, unpacked; to be removed after use. */
export interface InnerFile {
  path: string
  close(): Promise<void>
}

/**
 * The archive within a zip or 7z, if that contains one that has to be read as a file, such as a WIM.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, NO_SPACE
 */
export async function innerFile(file: string, options: PackedOptions): Promise<InnerFile | undefined> {
  // Opening it reports what is wrong with anything else.
  const found = await foundAt(file, options).catch(() => undefined)
  if (found?.around !== 'packed') return undefined
  const { lookInside } = await import('./open-packed.js')
  const inside = await lookInside(await found.members(), options)
  if (inside.kind === 'file') return inside
  await inside.members.close()
  return undefined
}

/**
 * An error about an unpacked file names the archive that it came from: the other path is gone by the time
 * somebody reads the error.
 */
export function namedByArchive<T>(error: T, inner: string, archive: string): T {
  if (error instanceof Error) error.message = inTermsOf(error.message, inner, archive)
  return error
}

export function inTermsOf(text: string, inner: string, archive: string): string {
  return text.replaceAll(inner, `${archive}: ${path.basename(inner)}`)
}
