import { existsSync } from 'node:fs'
import { hasCode } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { newerBuildNotes } from '../../choice/newer-builds.js'
import { newestOfEachName } from '../../choice/newest.js'
import { refuseOnePlace } from '../../choice/same-place.js'
import { gateOf } from '../../gate/command.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { namesOfImage } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import { type AllTargets, installAlone, installInTurn, installTogether } from './install-copies.js'
import { repairedAfter, setToInstall } from './install-volumes.js'
import { refusedImage } from './installed-result.js'
import { chosenAt, closeOnce, type OpenTarget, openTarget } from './open-target.js'
import type { InstallRequest, InstallResult } from './request.js'

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
      const others = request.targets.filter((target) => existsSync(target))
      const { words, beside, unneeded } = await wimCompanions(request.targets, request.ref)
      await forEachArchive(context, words, async (target, isInFolder) => {
        await failures.attempt(
          target,
          async () => {
            const volumes = await setToInstall(context, target, request, { others, known: sets })
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
      const all = { targets, newest, failures }
      if (request.together && targets.every(({ volumes }) => volumes === undefined))
        await installTogether(context, all, request, result)
      else
        for (const run of inRuns(targets, (await gateOf(request)) !== undefined))
          if (run.length > 1) await installInTurn(context, { ...all, targets: run }, request, result)
          else for (const target of run) await installSeparate(context, target, all, request, result)
      for (const note of unneeded(context.usedFiles)) context.note(note)
    },
  )
}

/**
 * Whether a target needs a copy of its own: a set of volumes may have to be repaired, a delta may need what a target
 * before it brings, and a site's own program judges one target after the other.
 */
function isAlone({ volumes, chosen }: OpenTarget, hasGate: boolean): boolean {
  return hasGate || volumes !== undefined || chosen.images.some(({ source }) => source.delta !== undefined)
}

/** The targets in their order: those that may share copies side by side, and each of the others alone. */
function inRuns(targets: readonly OpenTarget[], hasGate: boolean): OpenTarget[][] {
  const runs: OpenTarget[][] = []
  let wasAlone = true
  for (const target of targets) {
    const alone = isAlone(target, hasGate)
    if (alone || wasAlone) runs.push([target])
    else runs.at(-1)?.push(target)
    wasAlone = alone
  }
  return runs
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

async function installSeparate(
  context: Context,
  one: OpenTarget,
  all: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  await all.failures.attempt(one.target, async () => {
    await installOrRepair(context, one, all, request, result)
    if (!request.whatIf) await one.volumes?.arrival.remove(request.signal)
  })
}

async function installOrRepair(
  context: Context,
  one: OpenTarget,
  all: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  try {
    await installAlone(context, one, all, request, result)
  } catch (error) {
    if (!one.volumes || one.wasRepaired) throw error
    one.volumes = await repairedAfter(context, one.volumes, error)
    one.wasRepaired = true
    one.chosen = await chosenAt(context, one.target, one.volumes, request)
    const newest = newestOf(all.targets)
    await installAlone(context, one, { ...all, newest }, request, result)
  }
}
