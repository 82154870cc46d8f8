import { ContainerImageError } from '../../../manifests/index.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { inContext } from '../../session/context.js'
import { notInstalled, shownName, type TaggedImage } from '../../store/images.js'
import { withPipes } from '../../targets/piped.js'
import { isPath } from '../../targets/targets.js'
import { joinedResults } from './joined-results.js'
import { loadFile } from './load-file.js'
import { loadImages } from './load-images.js'
import type { LoadRequest, LoadResult } from './request.js'

/**
 * Loads installed images into an engine, under their names and `latest`; an existing file or folder is loaded
 * without the store. Only what the engine lacks is sent. The result is read back from the engine and compared
 * before it counts.
 * @throws NOT_INSTALLED, BASE_MISSING, ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_MISMATCH, NO_SPACE
 */
export async function load(request: LoadRequest): Promise<LoadResult> {
  return await withPipes(request, request.names, (names, rest) => loadAll({ ...rest, names }))
}

async function loadAll(request: LoadRequest): Promise<LoadResult> {
  return await inContext(request, async (context) => {
    const paths = request.names.filter(isPath)
    const names = request.names.filter((name) => !isPath(name))
    const results: LoadResult[] = []
    if (names.length > 0) {
      results.push(await loadImages(context, (images) => imagesAsked(names, images), request))
    }
    for (const path of paths) results.push(await loadFile(context, path, request))
    const [first, ...others] = results
    if (!first) throw new ContainerImageError('USAGE', 'Which image is to be loaded was not said.')
    return joinedResults([first, ...others])
  })
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
