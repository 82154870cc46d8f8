import { type ContainerImageError, command, option } from '../../../manifests/index.js'
import { percentEncoded } from '../../../manifests/percent-encoding.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection } from '../../copy/ports.js'
import { type SavedOptions, savedImages } from '../port/saved-images.js'
import type { DockerClient } from './client.js'
import { inspectImage } from './images.js'

/**
 * Images of the daemon, as it saves them.
 * @throws NOT_FOUND, NO_SPACE, ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function savedByDocker(
  client: DockerClient,
  names: string[],
  options: SavedOptions,
): Promise<ImageCollection> {
  const { label } = client
  const { signal } = options
  for (const name of names) if (!(await inspectImage(client, name, signal))) throw notFound(client, name)
  const query = names.map((name) => `names=${percentEncoded(name)}`).join('&')
  return await savedImages({ label }, () => client.download(`/images/get?${query}`, { signal }), options)
}

function notFound(client: DockerClient, name: string): ContainerImageError {
  return noSuchImage(client.label, name, {
    side: 'source',
    remedy: `See ${command('get', option('engine'), 'docker')}.`,
  })
}
