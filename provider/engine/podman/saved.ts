import { open } from 'node:fs/promises'
import path from 'node:path'
import { makeScratch } from '../../files/scratch.js'
import { inWords } from '../../files/system-errors.js'
import { writeBytes } from '../../files/write-bytes.js'
import { openPath } from '../../open/open-path.js'
import type { ImageCollection } from '../../ports.js'
import { type AskOptions, output } from '../client/program.js'
import type { Podman } from './podman.js'

/**
 * Images that podman saves, as the archive that it writes. podman keeps layers unpacked and makes their tars
 * anew: their diff ids and the config are those of the image, the digests of compressed layers are not.
 * @param names in full, or ids
 */
export async function savedImages(
  podman: Podman,
  names: string[],
  options: AskOptions,
): Promise<ImageCollection> {
  const scratch = await makeScratch(undefined)
  try {
    const file = path.join(scratch.path, 'saved.tar')
    const several = names.length > 1 ? ['--multi-image-archive'] : []
    const args = ['save', '--quiet', '--format', 'docker-archive', ...several, ...names]
    await inWords(`Writing ${file}`, 'source', async () => {
      const handle = await open(file, 'wx', 0o600)
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
      async close() {
        await close()
        await scratch.remove()
      },
    })
  } catch (error) {
    await scratch.remove()
    throw error
  }
}
