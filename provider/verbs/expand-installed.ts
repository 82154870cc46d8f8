import { ANNOTATIONS, ContainerImageError, layerCompression, show } from '../../manifests/index.js'
import { type Expanded, expandImage, type ImageToExpand, imagesFolder } from '../expand/expand.js'
import type { InstallRequest } from '../requests.js'
import { taggedImages } from '../store/images.js'
import type { Store } from '../store/store.js'

/**
 * Lays an installed image out as a folder beside the store.
 * @throws USAGE where it is no image of Windows, and what laying out throws
 */
export async function expandInstalled(store: Store, tag: string, request: InstallRequest): Promise<Expanded> {
  const image = (await taggedImages(store)).find((one) => one.refName === tag)
  if (image?.platform.os !== 'windows')
    throw new ContainerImageError('USAGE', `${show(tag)} is no image of Windows.`, {
      expected: 'an image of Windows, where --expand is given',
      found: image?.platform.os ?? 'no image',
      remedy: 'Leave --expand out; the image is installed.',
    })
  const { fullName, name, version, config, manifest, manifestDescriptor } = image
  const layers = manifest.layers.map(({ digest, size, mediaType }): ImageToExpand['layers'][number] => {
    return { path: store.places.blob(digest), size, compression: layerCompression(mediaType) ?? 'none' }
  })
  const edition = manifest.annotations?.[ANNOTATIONS.edition] ?? name
  const created = config.created ?? new Date(0).toISOString()
  const { force, signal, onProgress } = request
  return await expandImage(
    { fullName, name, version, digest: manifestDescriptor.digest, edition, created, layers },
    imagesFolder(store.places.root),
    { force: force ?? false, ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) },
  )
}
