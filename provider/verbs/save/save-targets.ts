import { ContainerImageError, type LockedImage, option, present, show } from '../../../manifests/index.js'
import type { Context } from '../../session/context.js'
import { lockThatFits } from '../../sets/lock-file.js'
import { openLocked } from '../../sets/locked-images.js'
import { type ReadSet, readSet, type SetWish } from '../../sets/read-set.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { resolveTargets } from '../../targets/targets.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import type { SaveFormat, SaveRequest } from './request.js'
import type { SaveForm } from './save-form.js'

/** One thing that a request names, to be opened. */
export interface SaveTarget {
  /** As the reader knows it. */
  name: string
  open(context: Context, form: SaveForm): Promise<ChosenImages>
}

/** A request with what its set says, if it has one. */
export interface WithSet {
  request: SaveRequest
  set?: ReadSet
}

/** What stands in the set is as if it had been written in the request; what the request says itself comes first. */
export async function withSet(request: SaveRequest): Promise<WithSet> {
  checkSetOptions(request)
  if (request.set === undefined) return { request }
  const set = await readSet(request.set)
  const { format, volumeSize, recovery, base, delta } = set
  return {
    set,
    request: {
      ...request,
      names: set.wishes.map(({ name }) => name),
      format: request.format ?? (format as SaveFormat | undefined),
      volumeSize: request.volumeSize ?? volumeSize,
      recovery: request.recovery ?? recovery,
      base: request.base ?? base,
      delta: request.delta ?? delta,
    },
  }
}

/** @throws USAGE */
function checkSetOptions({ set, names, locked, ...request }: SaveRequest): void {
  if (set === undefined) {
    if (locked) throw new ContainerImageError('USAGE', `${option('locked')} needs ${option('set')}.`)
    return
  }
  const { requiredVersion, minimumVersion, maximumVersion, allVersions, platform, allPlatforms, source } =
    request
  const besides = [requiredVersion, minimumVersion, maximumVersion, platform, source]
  const isMore = allVersions || allPlatforms || besides.some((one) => one !== undefined)
  if (names.length === 0 && !isMore) return
  const found = names.length > 0 ? names.map(show).join(', ') : 'a version, a platform or a source'
  throw new ContainerImageError('USAGE', 'A set says itself which images it means.', {
    expected: `${option('set')} without names, versions, platforms and sources`,
    found,
    remedy: `Write it into the set, or leave ${option('set')} out.`,
  })
}

/** What a request names, one after the other. */
export async function saveTargets({ request, set }: WithSet): Promise<SaveTarget[]> {
  if (set && request.locked) {
    const { images } = await lockThatFits(set)
    return images.map((image) => lockedTarget(set, image, request))
  }
  const { words, beside } = await wimCompanions(request.names, request.ref)
  const wishes = set?.wishes.filter(({ name }) => words.includes(name)) ?? words.map(asItIs)
  return wishes.map(({ name, asked, ...wish }) => ({
    name: asked,
    open: (context, form) =>
      openTarget(
        context,
        name,
        { ...request, ...present(wish), version: wish.requiredVersion ?? request.version, beside },
        form,
      ),
  }))
}

function asItIs(name: string): SetWish {
  return { name, asked: name }
}

function lockedTarget(set: ReadSet, image: LockedImage, request: SaveRequest): SaveTarget {
  return {
    name: `${image.name} ${image.version}`,
    open: (context) => openLocked(context, set, image, request),
  }
}

/** If the sources do not have it, or cannot be asked, the installed image is just as good. */
async function openTarget(
  context: Context,
  name: string,
  request: SaveRequest & { beside: readonly string[] },
  form: SaveForm,
): Promise<ChosenImages> {
  try {
    return await resolveTargets(context, name, request, form)
  } catch (error) {
    const { installedInstead } = await import('./installed-instead.js')
    const installed = await installedInstead(context, name, request, error)
    if (!installed) throw error
    return installed
  }
}
