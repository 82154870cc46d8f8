import { type HistoryStep, historySteps } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { HistoryRequest } from '../requests.js'
import { describeImages } from './described-image.js'

/**
 * The steps by which an image was built, newest first.
 * @throws NOT_INSTALLED and what reading the image throws
 */
export async function history(request: HistoryRequest): Promise<HistoryStep[]> {
  return await inContext(request, async (context) => {
    const [image] = await describeImages(context, request.name, request.platform)
    return image ? historySteps(image.manifest, image.config) : []
  })
}
