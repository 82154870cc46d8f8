import path from 'node:path'
import { closing } from '../io/closing/closing.js'
import { type Context, inContext } from '../session/context.js'
import { dataFolder } from '../session/settings/store-location.js'
import { withReadable } from '../targets/readable.js'
import { type LookRequest, type OpenImage, openImage } from './image/open-image.js'
import type { FileReader } from './tree/file-reader.js'
import { KeptListings } from './tree/kept-listings.js'
import type { MergedTree } from './tree/merged-tree.js'
import { readTree } from './tree/read-tree.js'

/**
 * Opens the image of a request, and closes it after the work.
 * @throws as `openImage`, and what the work throws
 */
export async function inImage<T>(
  request: LookRequest,
  work: (image: OpenImage, context: Context) => Promise<T>,
): Promise<T> {
  return await withReadable(request, [request.name], async ([name = ''], rest) => {
    return await inContext({ ...rest, names: [name] }, async (context) => {
      const image = await openImage(context, { ...rest, name })
      return await closing(image, () => work(image, context))
    })
  })
}

/** The files of an image, with what the readers find in them; what a layer has is kept for the next run. */
export async function treeOf(
  image: OpenImage,
  context: Context,
  readers: readonly FileReader<unknown>[] = [],
): Promise<MergedTree> {
  const { signal, onProgress, whatIf = false } = context.options
  const folder = path.join(dataFolder(), 'layers')
  const kept = new KeptListings(folder, whatIf)
  return await readTree(image, { readers, kept, signal, onProgress })
}
