import { type HistoryStep, historySteps } from '../../../manifests/index.js'
import { inContext } from '../../session/context.js'
import { withPipes } from '../../targets/piped.js'
import { describeImages } from '../inspect/described-image.js'
import type { HistoryRequest } from './request.js'

/**
 * The steps by which an image was built, newest first.
 * @throws NOT_INSTALLED and what reading the image throws
 */
export async function history(request: HistoryRequest): Promise<HistoryStep[]> {
  return await withPipes(request, [request.name], ([name = ''], rest) => historyOf({ ...rest, name }))
}

async function historyOf(request: HistoryRequest): Promise<HistoryStep[]> {
  return await inContext(request, async (context) => {
    const [image] = await describeImages(context, request.name, request.platform, true)
    return image ? historySteps(image.manifest, image.config) : []
  })
}
