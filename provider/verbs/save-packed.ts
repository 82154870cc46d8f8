import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Descriptor } from '../../manifests/index.js'
import type { Context } from '../context/context.js'
import { checkFileSizes } from '../files/largest-file.js'
import { planMembers } from '../in-place/formats.js'
import type { CopyPlan, ImageSource } from '../ports.js'
import { SevenZipSink } from '../seven-zip/sink.js'
import { zipSize } from '../zip/planned-size.js'
import { ZipSink } from '../zip/sink.js'
import type { PackedFormat } from './packed-format.js'
import { existingFolder } from './saved-files.js'

/** Size of the file that would be made, in bytes; of a 7z without its own headers. */
export function packedSize(plan: CopyPlan, format: PackedFormat): number {
  const { members } = planMembers(plan, 'oci-archive')
  return format === 'zip' ? zipSize(members) : members.reduce((sum, { size }) => sum + size, 0)
}

/**
 * The end of a copy into a zip or 7z.
 * @throws FILE_TOO_LARGE where the disk does not hold files of this size
 */
export async function packedSink(
  context: Context,
  file: string,
  { source, plan }: { source: ImageSource; plan: CopyPlan },
  format: PackedFormat,
  force: boolean,
): Promise<ZipSink | SevenZipSink> {
  const { hasher } = context
  const folder = existingFolder(path.dirname(file))
  await checkFileSizes(folder, [{ label: path.basename(file), size: packedSize(plan, format) }])
  if (format === 'zip') return new ZipSink(file, { force, hasher })
  return new SevenZipSink(file, { force, hasher, linkedBytes: await linkedBytes(source, plan, folder) })
}

/** Bytes of the blobs that are whole files on the disk of a folder. */
async function linkedBytes(source: ImageSource, plan: CopyPlan, folder: string): Promise<number> {
  const { dev } = await stat(folder)
  const linkable = async (descriptor: Descriptor): Promise<boolean> => {
    const range = await source.locate?.(descriptor)
    if (range?.offset !== 0) return false
    const stats = await stat(range.path)
    return stats.dev === dev && stats.size === range.size
  }
  let bytes = 0
  for (const descriptor of plan.contents)
    if (!plan.documents.has(descriptor.digest) && (await linkable(descriptor))) bytes += descriptor.size
  return bytes
}
