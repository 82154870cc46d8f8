import { type OtherPlatforms, othersNote } from '../../choice/other-platforms.js'
import type { Context } from '../../session/context.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { resolveTargets } from '../../targets/targets.js'
import { repairedAfter, type SetToInstall } from './install-volumes.js'
import type { InstallRequest } from './request.js'

/** One of the targets, opened. */
export interface OpenTarget {
  target: string
  volumes?: SetToInstall
  chosen: ChosenImages
  /** Its set of volumes has already been repaired. */
  wasRepaired: boolean
}

/** With the files in which its WIMs may find what they lack. */
type WithCompanions = InstallRequest & { beside?: readonly string[] }

/** A set of volumes, some of which are bad, is tried once more if recovery files could repair them. */
export async function openTarget(
  context: Context,
  target: string,
  volumes: SetToInstall | undefined,
  request: WithCompanions,
): Promise<OpenTarget> {
  try {
    return { target, volumes, chosen: await chosenAt(context, target, volumes, request), wasRepaired: false }
  } catch (error) {
    if (!volumes) throw error
    const repaired = await repairedAfter(context, volumes, error)
    return {
      target,
      volumes: repaired,
      chosen: await chosenAt(context, target, repaired, request),
      wasRepaired: true,
    }
  }
}

export async function chosenAt(
  context: Context,
  target: string,
  volumes: SetToInstall | undefined,
  request: WithCompanions,
): Promise<ChosenImages> {
  const { path = target, mayTake = false, set } = volumes ?? {}
  const volumeSet = mayTake ? undefined : set
  const onOthers = (left: OtherPlatforms): void => context.note(othersNote(left))
  const how = { ...request, again: request.force, volumeSet, mayTake, signedSet: set, onOthers }
  return await resolveTargets(context, path, how)
}

/** Closes each as soon as it is installed: a stick may be wanted elsewhere. */
export async function closeOnce(one: OpenTarget): Promise<void> {
  const { chosen } = one
  one.chosen = { ...chosen, close: async () => {} }
  await chosen.close()
}
