import path from 'node:path'
import { foundAt } from './found-at.js'
import type { PackedOptions } from './open-packed.js'

/** The one file that a zip or 7z holds, unpacked; to be removed after use. */
export interface InnerFile {
  path: string
  close(): Promise<void>
}

/**
 * The archive within a zip or 7z, where that holds one that has to be read as a file, such as a WIM.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, NO_SPACE
 */
export async function innerFile(file: string, options: PackedOptions): Promise<InnerFile | undefined> {
  // What is wrong with anything else is for whoever opens it to say.
  const found = await foundAt(file, options).catch(() => undefined)
  if (found?.around !== 'packed') return undefined
  const { lookInside } = await import('./open-packed.js')
  const inside = await lookInside(await found.members(), options)
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
