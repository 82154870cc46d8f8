import { ContainerImageError } from '../../../manifests/index.js'
import { newestOfEachName } from '../../choice/newest.js'
import type { Engine } from '../../engine/port/engine.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { type Context, inContext } from '../../session/context.js'
import { shownName, type TaggedImage } from '../../store/images.js'
import { notInstalled } from '../../store/not-installed.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { withReadable } from '../../targets/readable.js'
import { isPath } from '../../targets/targets.js'
import { type OpenFile, openFile, planFile } from './load-file.js'
import { loadImages, planStored } from './load-images.js'
import type { PlannedLoad } from './planned-load.js'
import type { LoadRequest, LoadResult } from './request.js'
import { sendAll, withEngine } from './send-all.js'

/**
 * Loads installed images into an engine, under their names and `latest`; an existing file or folder is loaded
 * without the store. Only what the engine lacks is sent. The result is read back from the engine and compared
 * before it counts.
 * @throws NOT_INSTALLED, BASE_MISSING, ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_MISMATCH, NO_SPACE
 */
export async function load(request: LoadRequest): Promise<LoadResult> {
  return await withReadable(request, request.names, (names, rest) => loadAll({ ...rest, names }))
}

async function loadAll(request: LoadRequest): Promise<LoadResult> {
  return await inContext(request, async (context) => {
    const paths = request.names.filter(isPath)
    const names = request.names.filter((name) => !isPath(name))
    const asked = (images: TaggedImage[]): TaggedImage[] => imagesAsked(names, images)
    if (request.names.length === 0) throw new ContainerImageError('USAGE', 'No image to load was named.')
    if (paths.length === 0) return await loadImages(context, asked, request)
    const files: OpenFile[] = []
    return await closing(
      () => closeAll(files),
      async () => {
        await forEachArchive(context, paths, async (file) => {
          files.push(await openFile(context, file, request))
        })
        return await withEngine(context, request, async (engine) => {
          const store = names.length > 0 ? await storeLayout(await context.store()) : undefined
          return await closing(store, async () => {
            const stored = store ? [await planStored(context, engine, store, asked, request)] : []
            const filed = await planFiles(context, engine, files, request)
            return await sendAll(context, engine, [...stored, ...filed], request)
          })
        })
      },
    )
  })
}

/** If there are several versions of one name, in whichever files, the newest becomes `latest`. */
async function planFiles(
  context: Context,
  engine: Engine,
  files: OpenFile[],
  request: LoadRequest,
): Promise<PlannedLoad[]> {
  const newest = newestOfEachName(files.flatMap(({ images }) => images))
  const planned: PlannedLoad[] = []
  for (const file of files) planned.push(await planFile(context, engine, file, newest, request))
  return planned
}

/** @throws NOT_INSTALLED, AMBIGUOUS_NAME */
function imagesAsked(names: string[], images: TaggedImage[]): TaggedImage[] {
  const asked = new Set<TaggedImage>()
  for (const name of names) {
    const meant = imagesOfOne(name, images)
    if (meant.length === 0) throw notInstalled(name, images.map(shownName))
    for (const image of meant) asked.add(image)
  }
  return [...asked]
}
