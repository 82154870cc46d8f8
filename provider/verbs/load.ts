import { ContainerImageError } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { LoadRequest, LoadResult } from '../requests.js'
import { notInstalled, taggedImages } from '../store/images.js'
import { selects } from './get.js'
import { loadFile } from './load-file.js'
import { loadImages } from './load-images.js'
import { isPath } from './targets.js'

/**
 * Brings installed images into an engine, under their names and `latest`; what exists as a file or folder is
 * loaded past the store. Only what the engine lacks is sent. The result is read back from the engine and
 * compared before it counts.
 * @throws NOT_INSTALLED, BASE_MISSING, ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_MISMATCH, NO_SPACE
 */
export async function load(request: LoadRequest): Promise<LoadResult> {
  return await inContext(request, async (context) => {
    const paths = request.names.filter(isPath)
    const names = request.names.filter((name) => !isPath(name))
    const results: LoadResult[] = []
    if (names.length > 0) {
      const images = await taggedImages(await context.store())
      const missing = names.find((name) => !images.some(selects([name])))
      if (missing !== undefined) throw notInstalled(missing, images)
      results.push(await loadImages(context, selects(names), request))
    }
    for (const path of paths) results.push(await loadFile(context, path, request))
    return joinedResults(results)
  })
}

function joinedResults([first, ...others]: LoadResult[]): LoadResult {
  if (!first) throw new ContainerImageError('USAGE', 'Which image is to be loaded was not said.')
  for (const { images, sentBytes, reusedBytes } of others) {
    first.images.push(...images)
    first.sentBytes += sentBytes
    first.reusedBytes += reusedBytes
  }
  return first
}
