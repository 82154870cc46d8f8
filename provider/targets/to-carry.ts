import { hostPlatform } from '../choice/host-platform.js'
import { evenIfNewer, newerBuildNotes } from '../choice/newer-builds.js'
import { type OtherPlatforms, othersNote } from '../choice/other-platforms.js'
import type { Context } from '../session/context.js'
import type { ChosenImages, TargetRequest } from './chosen-images.js'
import { resolveTargets, rootChoice } from './targets.js'

/**
 * The same as `resolveTargets` for images that are carried to another machine: if all of them need a newer
 * Windows than this machine's, they are still taken, with a note unless the user named the build.
 */
export async function resolveToCarry(
  context: Context,
  target: string,
  request: TargetRequest,
  how: { keepsWims?: boolean } = {},
): Promise<ChosenImages> {
  const here = hostPlatform()
  const tell = request.looksOnly ? undefined : (left: OtherPlatforms) => context.note(othersNote(left))
  const chosen = await evenIfNewer(here, (host) =>
    resolveTargets(context, target, { ...request, anyBuild: host !== here, onOthers: tell }, how),
  )
  const { platform } = await rootChoice(request)
  if (platform?.['os.version'] === undefined)
    for (const note of newerBuildNotes(chosen.images, here)) context.note(note)
  return chosen
}
