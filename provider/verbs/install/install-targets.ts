import { ANNOTATIONS, hasCode, isDigest, isReference } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { newerBuildNotes } from '../../choice/newer-builds.js'
import { newestOfEachName } from '../../choice/newest.js'
import { refuseOnePlace } from '../../choice/same-place.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { namesOfImage } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { inGrowingParts } from '../../targets/in-parts.js'
import { togetherOrOneByOne } from '../../targets/one-by-one.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import { installAll } from './install-images.js'
import { repairedAfter, setToInstall } from './install-volumes.js'
import { refusedImage } from './installed-result.js'
import { chosenAt, closeOnce, type OpenTarget, openTarget } from './open-target.js'
import type { InstallRequest, InstallResult } from './request.js'

/**
 * The most targets in the first copy. A run that is killed keeps the names from the copies that were finished before.
 */
const FIRST_TOGETHER = 100

/** All targets of a request: of several versions of one name the newest becomes `latest`. */
interface AllTargets {
  targets: OpenTarget[]
  newest: ReadonlySet<ChosenImage>
  failures: Failures
}

/**
 * Each target after the other, once it is known that none of them gets in another's way; a set of volumes, or a split
 * WIM, of which several targets hold parts is installed once.
 */
export async function installTargets(
  context: Context,
  request: InstallRequest,
  failures: Failures,
  result: InstallResult,
): Promise<void> {
  const targets: OpenTarget[] = []
  await closing(
    () =>
      closeAll(
        targets.flatMap((target) => [() => closeOnce(target), async () => target.volumes?.arrival.letGo()]),
      ),
    async () => {
      const sets = new Set<string>()
      const { words, beside, unneeded } = await wimCompanions(request.targets, request.ref)
      await forEachArchive(context, words, async (target, isInFolder) => {
        await failures.attempt(
          target,
          async () => {
            const volumes = await setToInstall(context, target, request, sets)
            if (volumes === 'known') return
            targets.push(await openTarget(context, target, volumes, { ...request, beside }))
            if (volumes) sets.add(volumes.set.list.set)
          },
          // A folder reports these itself.
          (error) => isInFolder && hasCode(error, 'ARCHIVE_UNKNOWN'),
        )
      })
      const images = targets.flatMap(({ chosen }) => chosen.images)
      for (const note of newerBuildNotes(images, hostPlatform())) context.note(note)
      const newest = newestOf(targets)
      refuseCollisions({ targets, newest, failures }, request, result)
      if (request.together && targets.every(({ volumes }) => volumes === undefined))
        await installTogether(context, { targets, newest, failures }, request, result)
      else
        for (const target of targets)
          await failures.attempt(target.target, async () => {
            await installTarget(context, target, { targets, newest, failures }, request, result)
            if (!request.whatIf) await target.volumes?.arrival.remove(request.signal)
          })
      for (const note of unneeded(context.usedFiles)) context.note(note)
    },
  )
}

/**
 * Not one copy for each: with a thousand images that would be mostly the index, written a thousand times. Each copy has
 * as many as came before it, so that what is written for the index in total grows with the images and not with their
 * square; what a killed run has copied without naming it is there for the next.
 */
async function installTogether(
  context: Context,
  { targets, newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const targetOf = new Map<ChosenImage, string>()
  for (const { target, chosen } of targets) for (const image of chosen.images) targetOf.set(image, target)
  for (const some of inGrowingParts([...targetOf.keys()], FIRST_TOGETHER))
    await togetherOrOneByOne(
      some,
      (image) => image,
      failures,
      async (images, brought) => {
        await installAll(context, images, { newest, brought }, request, result)
        for (const image of images) tellOrigin(image, targetOf.get(image) ?? '', result)
      },
    )
}

/** @throws AMBIGUOUS_NAME if two targets each have an image for one name */
function refuseCollisions(
  { targets, newest }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): void {
  if (targets.length < 2) return
  const placed = targets.flatMap(({ target: from, chosen }) =>
    chosen.images.map((image) => ({
      ...image,
      names: namesOfImage(image, !request.noLatest && newest.has(image)),
      from,
    })),
  )
  result.refused = placed.map(refusedImage)
  refuseOnePlace(placed, 'Install them in two runs: the second tells which name it moves.')
  delete result.refused
}

function newestOf(targets: OpenTarget[]): Set<ChosenImage> {
  return newestOfEachName(targets.flatMap(({ chosen }) => chosen.images))
}

async function installTarget(
  context: Context,
  one: OpenTarget,
  all: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  try {
    await installOpened(context, one, all, request, result)
  } catch (error) {
    if (!one.volumes || one.wasRepaired) throw error
    one.volumes = await repairedAfter(context, one.volumes, error)
    one.wasRepaired = true
    one.chosen = await chosenAt(context, one.target, one.volumes, request)
    const newest = newestOf(all.targets)
    await installOpened(context, one, { ...all, newest }, request, result)
  }
}

async function installOpened(
  context: Context,
  one: OpenTarget,
  { newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const { target, chosen } = one
  await closing(
    () => closeOnce(one),
    () =>
      togetherOrOneByOne(
        chosen.images,
        (image) => image,
        one.volumes ? undefined : failures,
        async (images, brought) => {
          await installAll(context, images, { newest, brought }, request, result)
          for (const image of images) tellOrigin(image, target, result)
        },
      ),
  )
}

function tellOrigin(image: ChosenImage, target: string, result: InstallResult): void {
  result.origins.push(originOf(image, target))
  result.resolved = [...(result.resolved ?? []), resolvedOf(image, target)]
}

function originOf({ offeredBy }: ChosenImage, target: string): string {
  return offeredBy === undefined || isReference(target) ? target : offeredBy
}

function resolvedOf({ reference = '', annotations, root }: ChosenImage, target: string) {
  const index = annotations[ANNOTATIONS.originIndex]
  return { name: reference || target, digest: isDigest(index) ? index : root.digest }
}
