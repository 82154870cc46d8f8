import {
  ANNOTATIONS,
  ContainerImageError,
  type Digest,
  formatLocalName,
  type LocalName,
  layerCompression,
  option,
  show,
} from '../../../manifests/index.js'
import { type Expanded, expandImage, type ImageToExpand } from '../../store/expand/expand.js'
import { imagesByKey, nameKey } from '../../store/images.js'
import type { Store } from '../../store/store.js'
import type { InstallRequest } from './request.js'

/**
 * Lays out an installed image as a folder beside the store.
 * @throws USAGE if it is not a Windows image, and what laying out throws
 */
export async function expandInstalled(
  store: Store,
  { digest, name: tag }: { digest: Digest; name: LocalName | undefined },
  request: InstallRequest,
): Promise<Expanded> {
  const key = nameKey(digest, tag)
  const image = (await imagesByKey(store, new Set([key]))).get(key)
  if (!image?.config || image.platform?.os !== 'windows')
    throw new ContainerImageError(
      'USAGE',
      `${show(tag ? formatLocalName(tag) : '')} is not an image of Windows.`,
      {
        expected: `an image of Windows, where ${option('expand')} is given`,
        found: image?.artifact?.kind ?? image?.platform?.os ?? 'no image',
        remedy: `Leave ${option('expand')} out; the image is installed.`,
      },
    )
  const { fullName, name, version, config, manifest, manifestDescriptor } = image
  const layers = manifest.layers.map(({ digest, size, mediaType }): ImageToExpand['layers'][number] => {
    return { path: store.places.blob(digest), size, compression: layerCompression(mediaType) ?? 'none' }
  })
  const edition = manifest.annotations?.[ANNOTATIONS.edition] ?? name
  const created = config.created ?? new Date(0).toISOString()
  const { force, signal, onProgress } = request
  return await expandImage(
    { fullName, name, version, digest: manifestDescriptor.digest, edition, created, layers },
    store.places.root,
    { force: force ?? false, signal, onProgress },
  )
}
