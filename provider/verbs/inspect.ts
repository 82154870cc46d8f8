import { formatPlatform, platformOf } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { InspectedImage, InspectRequest } from '../requests.js'
import { type DescribedImage, describeImages } from './described-image.js'

/**
 * Everything that is known of images in the store or in archives.
 * @throws NOT_INSTALLED and what reading the images throws
 */
export async function inspect(request: InspectRequest): Promise<InspectedImage[]> {
  return await inContext(request, async (context) => {
    const found: InspectedImage[] = []
    for (const name of request.names)
      found.push(...(await describeImages(context, name, request.platform)).map(inspected))
    return found
  })
}

function inspected(image: DescribedImage): InspectedImage {
  const { manifest, config, root, manifestDescriptor } = image
  const layers = manifest.layers.reduce((sum, layer) => sum + layer.size, 0)
  return {
    name: image.name,
    digest: root.digest,
    id: manifest.config.digest,
    mediaType: root.mediaType,
    tags: image.tags,
    platform: formatPlatform(platformOf(config)),
    created: config.created ?? '',
    size: manifestDescriptor.size + manifest.config.size + layers,
    manifest,
    config,
  }
}
