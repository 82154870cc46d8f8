import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { defaultPlatform } from '../../catalog/default-platform.js'
import { ContainerImageError, type Platform, parsePlatform, show } from '../../manifests/index.js'
import { openPath } from '../open/open-path.js'
import type { ImageSource } from '../ports.js'
import type { InstallRequest, SaveRequest } from '../requests.js'
import { Settings } from '../settings/settings.js'
import { imagesIn } from './archive-images.js'
import type { ChosenImage, RootChoice } from './chosen-image.js'
import type { Context } from './context.js'

/** What a name or a path of a request means, with the sources that are open for it. */
export interface ChosenImages {
  images: ChosenImage[]
  close(): Promise<void>
}

type TargetRequest = Omit<SaveRequest & InstallRequest, 'names' | 'targets' | 'path' | 'format'>

/**
 * The images that one target means: what exists as a file or folder is a path, and `./` makes it certain;
 * anything else is a name of the catalog or a full reference.
 * @throws PATH_NOT_FOUND, NO_MATCH and what opening throws
 */
export async function resolveTargets(
  context: Context,
  target: string,
  request: TargetRequest,
): Promise<ChosenImages> {
  const choice = rootChoice(request)
  if (isPath(target)) return await resolvePath(target, request, choice)
  const { resolveName } = await import('./catalog-names.js')
  return await resolveName(context, target, request, choice)
}

function isPath(target: string): boolean {
  const looksLikeOne =
    /^\.{0,2}[\\/]/.test(target) || /^[A-Za-z]:[\\/]/.test(target) || target === '.' || target === '..'
  if (looksLikeOne && !existsSync(target))
    throw new ContainerImageError(
      'PATH_NOT_FOUND',
      `Cannot find the path ${show(target)} because it does not exist.`,
      {
        side: 'source',
        expected: 'a file or folder',
        found: 'nothing',
      },
    )
  return looksLikeOne || existsSync(target)
}

async function resolvePath(
  target: string,
  request: TargetRequest,
  choice: RootChoice,
): Promise<ChosenImages> {
  const { name, version, platform, signal } = request
  const options = { ...defined({ name, version, platform, signal }) }
  const collection = await openPath(path.resolve(target), options)
  try {
    const images = await imagesIn(collection, defined({ name, version }), choice)
    return { images, close: () => collection.close() }
  } catch (error) {
    await collection.close()
    throw error
  }
}

/** The members that have a value: options are left out rather than given as undefined. */
export function defined<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}

export function rootChoice(request: {
  platform?: string
  allPlatforms?: boolean
  signal?: AbortSignal
}): RootChoice {
  const named = request.platform ?? new Settings().get('platform')
  return {
    host: hostPlatform(),
    allPlatforms: request.allPlatforms ?? false,
    ...(named ? { platform: parsePlatform(named) } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  }
}

/** The platform that containers on this machine have. */
export function hostPlatform(): Platform {
  return defaultPlatform({ platform: process.platform, arch: process.arch, release: os.release() })
}

/** Closes each of the sources that some images come from once. */
export async function closeAll(sources: Iterable<ImageSource>): Promise<void> {
  for (const source of new Set(sources)) await source.close()
}
