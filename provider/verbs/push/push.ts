import { closing } from '../../io/closing/closing.js'
import { Mounts } from '../../registry/push/mounts.js'
import { inContext } from '../../session/context.js'
import { Failures, tellingDone } from '../../session/failures.js'
import type { TaggedImage } from '../../store/images.js'
import { togetherOrOneByOne } from '../../targets/one-by-one.js'
import { withReadable } from '../../targets/readable.js'
import { imagesToPush } from './push-images.js'
import { type PushPlace, pushPlace, repositoryAt } from './push-place.js'
import { byRepository } from './repositories.js'
import type { PushRequest, PushResult } from './request.js'
import { sendInto } from './send-into.js'

/**
 * Pushes installed images, or those of archives, to a registry, each below a prefix under its own name, or
 * one image under the name that the place gives. What is already there is not sent; running it again
 * continues. With `whatIf` the registry is only asked what it has.
 * @throws NOT_INSTALLED, AMBIGUOUS_NAME, UNAUTHORIZED, REGISTRY_READ_ONLY, NO_SPACE, network errors and more: see
 * docs/errors.md
 */
export async function push(request: PushRequest): Promise<PushResult> {
  return await withReadable(request, request.names, (names, rest) => pushAll({ ...rest, names }))
}

async function pushAll(request: PushRequest): Promise<PushResult> {
  const place = await pushPlace(request.registry, request.insecure)
  return await inContext(request, async (context) => {
    const failures = new Failures(request)
    const { images, stored, close } = await imagesToPush(context, request, failures)
    return await closing(close, async () => {
      const result: PushResult = { images: [], sentBytes: 0, mountedBytes: 0, reusedBytes: 0 }
      const mounts = likelyMounts(place, stored)
      await tellingDone(
        () => (result.images.length > 0 && !request.whatIf ? result : undefined),
        async () => {
          for (const [repository, some] of byRepository(place, images))
            await togetherOrOneByOne(
              some,
              ({ image }) => image,
              failures,
              (now) => sendInto(context, { ...place, repository }, now, mounts, request, result),
            )
        },
      )
      if (failures.failed.length > 0) result.failed = failures.failed
      if (context.verdict) result.gate = context.verdict
      return result
    })
  })
}

/** Images that share a blob here are likely to share it there, if they were pushed before. */
function likelyMounts(place: PushPlace, stored: TaggedImage[]): Mounts {
  const mounts = new Mounts()
  for (const { manifest, repository } of stored)
    for (const { digest } of [manifest.config, ...manifest.layers])
      mounts.suppose(digest, repositoryAt(place, repository))
  return mounts
}
