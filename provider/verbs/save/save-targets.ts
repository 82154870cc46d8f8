import { ContainerImageError, type LockedImage, option, present, show } from '../../../manifests/index.js'
import type { Context } from '../../session/context.js'
import { lockThatFits } from '../../sets/lock-file.js'
import { openLocked } from '../../sets/locked-images.js'
import { type ReadSet, readSet, type SetWish } from '../../sets/read-set.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { isPath } from '../../targets/targets.js'
import { resolveToCarry } from '../../targets/to-carry.js'
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

/** What is in the set counts as if it were in the request; what the request itself says takes precedence. */
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

/**
 * Does something with each thing that a request names; a folder of archives stands for the archives.
 * @param use gets one of them, and whether it is in such a folder
 */
export async function forEachSaveTarget(
  context: Context,
  { request, set }: WithSet,
  use: (target: SaveTarget, isInFolder: boolean) => Promise<void>,
): Promise<void> {
  if (set && request.locked) {
    for (const image of (await lockThatFits(set)).images) await use(lockedTarget(set, image, request), false)
    return
  }
  const { words, beside, unneeded } = await wimCompanions(request.names, request.ref)
  const wishes = set?.wishes.filter(({ name }) => words.includes(name)) ?? words.map(asItIs)
  for (const { name: word, asked, ...wish } of wishes)
    await forEachArchive(context, [word], async (name, isInFolder) => {
      const version = wish.requiredVersion ?? request.version
      const own = { ...request, ...present(wish), version, beside }
      const target: SaveTarget = {
        name: isInFolder ? name : asked,
        open: (_, form) => openTarget(context, name, own, form),
      }
      await use(target, isInFolder)
    })
  context.onClose(async () => {
    for (const note of unneeded(context.usedFiles)) context.note(note)
  })
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

/** What is installed by that digest; if the sources do not have it, or cannot be asked, the installed image is just as good. */
async function openTarget(
  context: Context,
  name: string,
  request: SaveRequest & { beside: readonly string[] },
  form: SaveForm,
): Promise<ChosenImages> {
  const { installedByDigest, installedInstead, isByDigest } = await import('./installed-instead.js')
  const known =
    isByDigest(name) && !isPath(name) ? await installedByDigest(context, name, request) : undefined
  if (known) return known
  try {
    return await resolveToCarry(context, name, request, form)
  } catch (error) {
    const installed = await installedInstead(context, name, request, error)
    if (!installed) throw error
    return installed
  }
}
