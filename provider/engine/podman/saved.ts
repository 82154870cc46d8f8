import path from 'node:path'
import { MEDIA_TYPES } from '../../../manifests/index.js'
import type { ImageCollection } from '../../copy/ports.js'
import { openPath } from '../../formats/open/open-path.js'
import { closeAll, closedAfter } from '../../io/closing/closing.js'
import { openNew } from '../../io/files/own-file.js'
import { makeScratch, type ScratchPlace } from '../../io/files/scratch.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { type AskOptions, output } from '../client/program.js'
import { manifestTypeOf } from './images.js'
import type { Podman } from './podman.js'

/**
 * Images that podman saves, as the archive that it writes. podman keeps layers unpacked and makes their tars
 * anew: their diff ids and the config are those of the image, the digests of compressed layers are not.
 * @param names in full
 */
export async function savedImages(
  podman: Podman,
  names: string[],
  { place, ...options }: AskOptions & { place?: ScratchPlace },
): Promise<ImageCollection> {
  const scratch = await makeScratch(place)
  try {
    const file = path.join(scratch.path, 'saved.tar')
    const args = ['save', '--quiet', ...(await formatFor(podman, names, options)), ...names]
    await inWords(`Writing ${file}`, 'source', async () => {
      const handle = await openNew(file, 0o600)
      try {
        await writeBytes(handle, output(podman, args, options), 0, () => {})
      } finally {
        await handle.close()
      }
    })
    const { signal } = options
    const collection = await openPath(file, signal ? { signal } : {})
    const close = collection.close.bind(collection)
    return Object.assign(collection, {
      label: podman.label,
      format: 'podman image',
      close: () => closeAll([close, scratch.remove]),
    })
  } catch (error) {
    throw await closedAfter(error, scratch.remove)
  }
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
