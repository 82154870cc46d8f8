import { printable } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { HistoryRequest, HistoryStep } from '../requests.js'
import { type DescribedImage, describeImages } from './described-image.js'

/**
 * The steps by which an image was built, newest first. A step's size is that of its layer as it is stored,
 * in bytes.
 * @throws NOT_INSTALLED and what reading the image throws
 */
export async function history(request: HistoryRequest): Promise<HistoryStep[]> {
  return await inContext(request, async (context) => {
    const [image] = await describeImages(context, request.name, request.platform)
    return image ? steps(image) : []
  })
}

function steps({ config, manifest }: DescribedImage): HistoryStep[] {
  const layers = [...manifest.layers]
  const written = config.history ?? []
  const oldestFirst = written.map((entry): HistoryStep => {
    const emptyLayer = entry.empty_layer ?? false
    return {
      created: entry.created ?? '',
      createdBy: printable(entry.created_by ?? ''),
      size: emptyLayer ? 0 : (layers.shift()?.size ?? 0),
      comment: printable(entry.comment ?? ''),
      emptyLayer,
    }
  })
  // Layers that the history does not tell of are shown all the same.
  const untold = layers.map((layer): HistoryStep => {
    return { created: config.created ?? '', createdBy: '', size: layer.size, comment: '', emptyLayer: false }
  })
  return [...oldestFirst, ...untold].reverse()
}
