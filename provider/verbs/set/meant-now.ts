import { closeAll, closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import type { AskedImage } from '../../sets/lock-of.js'
import type { ReadSet } from '../../sets/read-set.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { resolveTargets } from '../../targets/targets.js'
import type { SetRequest } from './request.js'

/** Works with the images that a set means now, while they are open: no layer is fetched. */
export async function withMeantNow<T>(
  context: Context,
  set: ReadSet,
  request: SetRequest,
  failures: Failures,
  work: (images: AskedImage[]) => Promise<T>,
): Promise<T> {
  const open: ChosenImages[] = []
  return await closing(
    () => closeAll(open),
    async () => {
      const images: AskedImage[] = []
      const { path: _, ...options } = request
      for (const { name, asked, ...wish } of set.wishes) {
        const chosen = await failures.attempt(asked, () =>
          resolveTargets(context, name, {
            ...options,
            ...wish,
            looksOnly: true,
            version: wish.requiredVersion,
          }),
        )
        if (!chosen) continue
        open.push(chosen)
        images.push(...chosen.images.map((image) => ({ image, asked })))
      }
      return await work(images)
    },
  )
}
