import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { resolveTargets } from '../../targets/targets.js'
import type { SaveRequest, SaveResult } from './request.js'
import { addSboms } from './save-sboms.js'

/**
 * Lists the packages of each image of a WIM, as it would be installed.
 * @param beside the file beside which the lists lie
 * @throws FILE_EXISTS, and what reading the WIM throws
 */
export async function addSbomsOfWim(
  context: Context,
  wim: string,
  beside: string,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { platform, ref, signal } = request
  // What was saved is not signed yet; what it was saved from was judged before.
  const wanted = { platform, beside: ref, anyBuild: true, looksOnly: true, signal }
  const opened = await resolveTargets(context, wim, wanted)
  await closing(
    () => opened.close(),
    () => addSboms(context, opened.images, { beside }, request, result),
  )
}
