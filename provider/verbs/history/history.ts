import { type HistoryStep, historySteps } from '../../../manifests/index.js'
import { notAnImage } from '../../choice/runnable.js'
import { inContext } from '../../session/context.js'
import { withReadable } from '../../targets/readable.js'
import { describeImages } from '../inspect/described-image.js'
import { isRemote, remoteImage } from '../inspect/remote-image.js'
import type { HistoryRequest } from './request.js'

/**
 * The steps by which an image was built, newest first.
 * @throws NOT_INSTALLED and what reading the image throws
 */
export async function history(request: HistoryRequest): Promise<HistoryStep[]> {
  return await withReadable(request, [request.name], ([name = ''], rest) => historyOf({ ...rest, name }))
}

async function historyOf(request: HistoryRequest): Promise<HistoryStep[]> {
  return await inContext({ ...request, names: [request.name] }, async (context) => {
    const { name, platform, remote = false } = request
    const described = (await isRemote(context, name, remote))
      ? [await remoteImage(context, name, { ...request, noReferrers: true })]
      : await describeImages(context, name, { platform, isOnePlatform: true })
    const [image] = described.filter(({ config }) => config !== undefined)
    if (!image?.config) throw notAnImage(request.name, 'history', described[0]?.artifact?.kind ?? 'nothing')
    return historySteps(image.manifest, image.config)
  })
}
