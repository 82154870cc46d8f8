import type { EngineBound } from '../port/planned.js'
import type { DockerClient } from './client.js'
import { listImages } from './images.js'
import { PART_LABEL } from './parts.js'

/**
 * Removes the images without a name that stand for the beginnings of some images, of this run and of earlier
 * ones. The layers of a complete image stay, as that image holds them itself.
 * @param which only real beginnings, or all that a failed run left
 * @throws ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function removeParts(
  client: DockerClient,
  bounds: readonly EngineBound[],
  which: 'beginnings' | 'all',
  signal?: AbortSignal,
): Promise<void> {
  const parts = await listImages(client, signal, { dangling: true, label: PART_LABEL })
  for (const { id, diffIds } of parts) {
    const isOurs = bounds.some(
      (bound) =>
        (which === 'all' || diffIds.length <= bound.diffIds.length) &&
        diffIds.every((diffId, i) => bound.diffIds[i] === diffId) &&
        bound.manifest.config.digest !== id,
    )
    if (isOurs)
      await client.ask('DELETE', `/images/${id}`, { query: { noprune: '1' }, signal, accept: [404, 409] })
  }
}
