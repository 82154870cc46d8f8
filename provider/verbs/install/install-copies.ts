import { ANNOTATIONS, isDigest, isReference } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { inGrowingParts } from '../../targets/in-parts.js'
import { type Attempts, togetherOrOneByOne } from '../../targets/one-by-one.js'
import { installAll, unrefuse } from './install-images.js'
import { closeOnce, type OpenTarget } from './open-target.js'
import type { InstallRequest, InstallResult } from './request.js'

/**
 * The most targets in the first copy. A run that is killed keeps the names from the copies that were finished before.
 */
const FIRST_TOGETHER = 100

/** All targets of a request: of several versions of one name the newest becomes `latest`. */
export interface AllTargets {
  targets: OpenTarget[]
  newest: ReadonlySet<ChosenImage>
  failures: Failures
}

/** What gets its names in the same step. */
interface Unit {
  target: string
  images: ChosenImage[]
}

/**
 * Not one copy for each image: with a thousand images that would be mostly the index, written a thousand times. Each
 * copy has as many as came before it, so that what is written for the index in total grows with the images and not with
 * their square; what a killed run has copied without naming it is there for the next.
 */
export async function installTogether(
  context: Context,
  { targets, newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  for (const some of inGrowingParts(targets.flatMap(eachImage), FIRST_TOGETHER))
    await installUnits(context, some, { newest, attempts: failures }, request, result)
}

/**
 * Archives and folders in the order of the request, in copies that grow in the same way. If one of them fails, those of
 * its copy are installed one after the other, so that everything before it has its names, as if each had been installed
 * on its own.
 */
export async function installInTurn(
  context: Context,
  { targets, newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const attempts: Attempts = {
    goesOnAfter: (error) => failures.isFailure(error),
    add: (name, error) => failures.add(name, error),
  }
  for (const some of inGrowingParts(targets, FIRST_TOGETHER))
    await closing(
      () => closeAll(some.map((one) => () => closeOnce(one))),
      async () => {
        const units = some.flatMap(failures.keepsGoing ? eachImage : asOne)
        await installUnits(context, units, { newest, attempts }, request, result)
      },
    )
}

/** One target in a copy of its own. */
export async function installAlone(
  context: Context,
  one: OpenTarget,
  { newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const attempts = one.volumes ? undefined : failures
  await closing(
    () => closeOnce(one),
    () => installUnits(context, eachImage(one), { newest, attempts }, request, result),
  )
}

async function installUnits(
  context: Context,
  units: Unit[],
  { newest, attempts }: { newest: ReadonlySet<ChosenImage>; attempts: Attempts | undefined },
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const nameless = { name: '', version: '' }
  await togetherOrOneByOne(
    units,
    ({ target, images: [first] }) => first ?? { ...nameless, name: target },
    attempts,
    async (some, brought) => {
      const images = some.flatMap((unit) => unit.images)
      await installAll(context, images, { newest, brought }, request, result).catch((error) => {
        if (some.length > 1 && attempts?.goesOnAfter(error)) unrefuse(result, images)
        throw error
      })
      for (const { target, images } of some) for (const image of images) tellOrigin(image, target, result)
    },
  )
}

function eachImage({ target, chosen }: OpenTarget): Unit[] {
  return chosen.images.map((image) => ({ target, images: [image] }))
}

function asOne({ target, chosen }: OpenTarget): Unit[] {
  return [{ target, images: chosen.images }]
}

function tellOrigin(image: ChosenImage, target: string, result: InstallResult): void {
  result.origins.push(originOf(image, target))
  result.resolved ??= []
  result.resolved.push(resolvedOf(image, target))
}

function originOf({ offeredBy }: ChosenImage, target: string): string {
  return offeredBy === undefined || isReference(target) ? target : offeredBy
}

function resolvedOf({ reference = '', annotations, root }: ChosenImage, target: string) {
  const index = annotations[ANNOTATIONS.originIndex]
  return { name: reference || target, digest: isDigest(index) ? index : root.digest }
}
