import path from 'node:path'
import { ContainerImageError, command, option, show } from '../../../manifests/index.js'
import type { ImageCollection } from '../../copy/ports.js'
import { openPath } from '../../formats/open/open-path.js'
import { closeAll, closedAfter } from '../../io/closing/closing.js'
import { makeScratch, type Scratch, type ScratchPlace } from '../../io/files/scratch.js'
import { writeNewFile } from '../../io/files/write-new-file.js'
import type { DockerClient } from './client.js'
import { inspectImage } from './images.js'

export interface SavedOptions {
  scratch?: ScratchPlace | undefined
  signal?: AbortSignal | undefined
}

/**
 * Images of the daemon, as it saves them: into a file that is removed when the collection is closed, as the
 * document that says where the layers are comes last.
 * @throws NOT_FOUND, NO_SPACE, ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function savedImages(
  client: DockerClient,
  names: string[],
  { scratch: place, signal }: SavedOptions,
): Promise<ImageCollection> {
  for (const name of names) if (!(await inspectImage(client, name, signal))) throw notFound(client, name)
  const scratch = await makeScratch(place)
  try {
    const file = path.join(scratch.path, 'images.tar')
    const query = names.map((name) => `names=${encodeURIComponent(name)}`).join('&')
    await writeNewFile(file, client.download(`/images/get?${query}`, { signal }))
    return asOfEngine(await openPath(file, signal ? { signal } : {}), client.label, scratch)
  } catch (error) {
    throw await closedAfter(error, scratch.remove)
  }
}

function asOfEngine(collection: ImageCollection, label: string, scratch: Scratch): ImageCollection {
  return {
    ...collection,
    label,
    close: () => closeAll([collection, scratch.remove]),
  }
}

function notFound(client: DockerClient, name: string): ContainerImageError {
  return new ContainerImageError('NOT_FOUND', `${client.label} has no image ${show(name)}.`, {
    side: 'source',
    remedy: `See ${command('get', option('engine'), 'docker')}.`,
  })
}
