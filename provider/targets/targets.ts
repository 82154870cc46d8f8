import { statSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, formatPlatform, hasCode, show } from '../../manifests/index.js'
import { isReadableName } from '../archives/endings.js'
import { notesOn } from '../choice/absent-notes.js'
import { imagesIn } from '../choice/archive-images.js'
import type { RootChoice } from '../choice/chosen-image.js'
import { hostPlatform } from '../choice/host-platform.js'
import { ofAnyBuild } from '../choice/newer-builds.js'
import { platformsNamed } from '../choice/platforms-named.js'
import { closedAfter } from '../io/closing/closing.js'
import { noSuchPath } from '../io/files/no-such-path.js'
import { fromSystem } from '../io/files/system-errors.js'
import type { Context } from '../session/context.js'
import { Settings } from '../session/settings/settings.js'
import type { ChosenImages, TargetRequest } from './chosen-images.js'
import { engineSource } from './engine-source.js'
import { openOptions } from './open-options.js'
import { openToTake } from './open-to-take.js'
import { wimAtPath } from './wim-file.js'
import { isWrittenAsPath } from './written-as-path.js'

/**
 * The images that one target means: an existing file or folder is a path, and `./` forces that; anything else
 * is a name in the catalog or a full reference.
 * @throws PATH_NOT_FOUND, NO_MATCH and what opening throws
 */
export async function resolveTargets(
  context: Context,
  target: string,
  request: TargetRequest,
  { keepsWims = false }: { keepsWims?: boolean } = {},
): Promise<ChosenImages> {
  const choice = { ...(await rootChoice(request)), onOthers: request.onOthers }
  if (isPath(target)) {
    const { name, version, index, beside } = request
    const wim = keepsWims
      ? await wimAtPath(path.resolve(target), { name, version, index, beside })
      : undefined
    if (wim) return { images: [], wims: [wim], close: async () => {} }
    return await resolvePath(context, target, request, choice)
  }
  const engine = engineSource(request.source)
  if (engine) {
    const { imagesOfEngineSource } = await import('./engine-target.js')
    return await imagesOfEngineSource(context, engine, target, request, choice)
  }
  const { resolveName } = await import('./catalog-names.js')
  return await resolveName(context, target, { ...request, keepsWims }, choice).catch((error) => {
    throw looksLikeFile(target) && hasCode(error, 'NO_MATCH') ? noFileOrName(target, error) : error
  })
}

/** By its ending, or by something that no name or reference contains. */
function looksLikeFile(target: string): boolean {
  return isReadableName(path.basename(target)) || target.includes('\\')
}

function noFileOrName(target: string, { details }: ContainerImageError): ContainerImageError {
  return new ContainerImageError('NO_MATCH', `There is no file ${show(target)}, and no image of that name.`, {
    side: 'source',
    expected: 'the path of a file, or the name of an image',
    found: 'neither',
    remedy: `Check the path: it is looked up in ${process.cwd()}.`,
    details,
  })
}

/**
 * Whether a target is a path: it exists, or is written like one.
 * @throws PATH_NOT_FOUND, PERMISSION_DENIED if it is impossible to say whether it is there
 */
export function isPath(target: string): boolean {
  const isWritten = isWrittenAsPath(target)
  const isThere = exists(target, isWritten || looksLikeFile(target))
  if (isWritten && !isThere) throw noSuchPath(show(target), { side: 'source', expected: 'a file or folder' })
  return isThere
}

/** @param isMeant as a path: then whatever prevents looking is reported */
function exists(target: string, isMeant: boolean): boolean {
  try {
    return statSync(target, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    const told = fromSystem(error, `Opening ${target}`, 'source')
    if (isMeant && hasCode(told, 'PERMISSION_DENIED')) throw told
    return false
  }
}

async function resolvePath(
  context: Context,
  target: string,
  request: TargetRequest,
  choice: RootChoice,
): Promise<ChosenImages> {
  const { name, version, signedSet } = request
  // A file that does not say its platform is for one.
  const [platform, ...others] = platformsNamed(request.platform)
  const only = others.length === 0 && platform ? formatPlatform(platform) : undefined
  const options = { ...(await openOptions(context, request)), name, version, platform: only }
  const { collection, admit } = await openToTake(
    context,
    path.resolve(target),
    { ...options, signedSet },
    request,
  )
  try {
    const images = await imagesIn(collection, { name, version }, choice)
    await admit(() => images)
    for (const note of await notesOn(collection, choice.signal)) context.note(note)
    return { images, close: () => collection.close() }
  } catch (error) {
    throw await closedAfter(error, collection)
  }
}

export async function rootChoice(request: {
  platform?: string | readonly string[]
  allPlatforms?: boolean
  anyBuild?: boolean
  signal?: AbortSignal
}): Promise<RootChoice> {
  const named = platformsNamed(request.platform ?? (await Settings.read()).get('platform'))
  return {
    host: request.anyBuild ? ofAnyBuild(hostPlatform()) : hostPlatform(),
    allPlatforms: request.allPlatforms ?? false,
    platform: named.length === 1 ? named[0] : undefined,
    platforms: named.length > 1 ? named : undefined,
    signal: request.signal,
  }
}
