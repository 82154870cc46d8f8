import path from 'node:path'
import { formatPlatform, hasCode } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import type { ImageSource } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { openPath } from '../../formats/open/open-path.js'
import type { Context } from '../../session/context.js'
import { openOptions } from '../../targets/open-options.js'
import { resolveToCarry } from '../../targets/to-carry.js'
import type { SavingRequest } from './saving-request.js'

/** Opens one place where an older layer may be; undefined if there is no such place. */
type Opener = () => Promise<ImageSource | undefined>

/**
 * Places on this side that may have the bytes of an older image's layer, the nearest first: the store, the
 * archives named as bases, the source of the newer image, and the older image in the catalog.
 */
export async function* olderSources(
  context: Context,
  image: ChosenImage,
  older: { name: string; version: string },
  request: SavingRequest,
): AsyncGenerator<ImageSource> {
  const openers: Opener[] = [
    () => theStore(context),
    ...(request.base ?? []).map((file) => () => archiveAt(context, file)),
    async () => image.source,
    () => ofCatalog(context, older, { ...request, platform: platformOf(image, request) }),
  ]
  for (const open of openers) {
    const source = await open()
    if (source) yield source
  }
}

async function theStore(context: Context): Promise<ImageSource | undefined> {
  const store = await context.store()
  if ((await store.entries()).length === 0) return undefined
  return closing(context, await storeLayout(store))
}

/** An inventory is not an archive, and has no bytes. */
async function archiveAt(context: Context, file: string): Promise<ImageSource | undefined> {
  try {
    return closing(context, await openPath(path.resolve(file), await openOptions(context, {})))
  } catch (error) {
    if (!hasCode(error, 'ARCHIVE_UNKNOWN', 'ARCHIVE_INVALID')) throw error
    return undefined
  }
}

/** If several platforms were named, the one that the newer image is for. */
function platformOf(image: ChosenImage, { platform }: SavingRequest): SavingRequest['platform'] {
  return Array.isArray(platform) && image.platform ? formatPlatform(image.platform) : platform
}

async function ofCatalog(
  context: Context,
  { name, version }: { name: string; version: string },
  { source, platform, signal }: SavingRequest,
): Promise<ImageSource | undefined> {
  try {
    const request = { requiredVersion: version, source, platform, signal }
    const { images, close } = await resolveToCarry(context, name, { ...request, looksOnly: true })
    context.onClose(close)
    return images[0]?.source
  } catch (error) {
    if (!hasCode(error, 'NO_MATCH', 'NOT_FOUND', 'PLATFORM_NOT_FOUND', 'NETWORK_UNREACHABLE')) throw error
    return undefined
  }
}

function closing<T extends ImageSource>(context: Context, source: T): T {
  context.onClose(() => source.close())
  return source
}
