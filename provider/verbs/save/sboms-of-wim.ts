import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { resolveTargets } from '../../targets/targets.js'
import type { SaveRequest, SaveResult } from './request.js'
import { addSboms } from './save-sboms.js'

/**
 * Lists the packages of each image of a WIM, as it would be installed.
 * @param beside the file that the SBOMs are put beside
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
  // The save is not signed yet; its source was checked earlier.
  const wanted = { platform, beside: ref, anyBuild: true, looksOnly: true, signal }
  const opened = await resolveTargets(context, wim, wanted)
  await closing(
    () => opened.close(),
    () => addSboms(context, opened.images, { beside }, request, result),
  )
}
