import { openPath } from '../formats/open/open-path.js'
import type { Context } from '../session/context.js'
import { openTrusted, type Trusted, type TrustedOptions } from '../trust/taking/open-trusted.js'
import type { TargetRequest } from './chosen-images.js'

/**
 * Opens a path for taking images from it; verbs that only look may look at everything.
 * @throws as `openTrusted`
 */
export async function openToTake(
  context: Context,
  place: string,
  options: TrustedOptions,
  { looksOnly }: Pick<TargetRequest, 'looksOnly'>,
): Promise<Trusted> {
  if (looksOnly) return { collection: await openPath(place, options), admit: async () => {} }
  return await openTrusted(context, place, options)
}
