import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Descriptor } from '../../../manifests/index.js'
import type { CopyPlan, ImageSource } from '../../copy/ports.js'

/** Bytes of those blobs that are complete files on the disk on which a file is to be made. */
export async function linkedBytes(source: ImageSource, plan: CopyPlan, file: string): Promise<number> {
  const dev = await diskOf(path.dirname(file))
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

/** The disk of the nearest folder that already exists. */
async function diskOf(folder: string): Promise<number> {
  const stats = await stat(folder).catch((error) => {
    if (folder === path.dirname(folder)) throw error
  })
  return stats?.isDirectory() ? stats.dev : await diskOf(path.dirname(folder))
}
