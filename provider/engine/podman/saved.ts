import { MEDIA_TYPES } from '../../../manifests/index.js'
import type { ImageCollection } from '../../copy/ports.js'
import { type AskOptions, output } from '../client/program.js'
import { type SavedOptions, savedImages } from '../port/saved-images.js'
import { manifestTypeOf } from './images.js'
import type { Podman } from './podman.js'

/**
 * Images that podman saves, as the archive that it writes. podman keeps layers unpacked and makes their tars
 * anew: their diff ids and the config are those of the image, the digests of compressed layers are not.
 * @param names in full
 */
export async function savedByPodman(
  podman: Podman,
  names: string[],
  { scratch, ...options }: AskOptions & SavedOptions,
): Promise<ImageCollection> {
  const { label } = podman
  const args = ['save', '--quiet', ...(await formatFor(podman, names, options)), ...names]
  const { signal } = options
  return await savedImages({ label, format: 'podman image' }, () => output(podman, args, options), {
    scratch,
    signal,
  })
}

/**
 * The archive in which podman leaves the config as it is: converting an image of docker's types to OCI would
 * change it, and an OCI image may have layers in zstd, which docker's archives do not know.
 */
async function formatFor(podman: Podman, names: string[], options: AskOptions): Promise<string[]> {
  const [only, ...others] = names
  if (only === undefined || others.length > 0) return ['--format', 'docker-archive', '--multi-image-archive']
  const isDocker = (await manifestTypeOf(podman, only, options)) === MEDIA_TYPES.dockerManifest
  return ['--format', isDocker ? 'docker-archive' : 'oci-archive']
}
