import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import type { AskedImage } from '../../sets/lock-of.js'
import type { ReadSet } from '../../sets/read-set.js'
import { resolveTargets } from '../../targets/targets.js'
import type { SetRequest } from './request.js'

/**
 * What is wanted of each image that a set means now. Each is open only while `take` looks at it, as a set may have
 * thousands; no layer is fetched.
 */
export async function ofMeantNow<T>(
  context: Context,
  set: ReadSet,
  request: SetRequest,
  failures: Failures,
  take: (image: AskedImage) => T | Promise<T>,
): Promise<T[]> {
  const taken: T[] = []
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
    await closing(chosen, async () => {
      for (const image of chosen.images) taken.push(await take({ image, asked }))
    })
  }
  return taken
}
