import type { Descriptor } from '../../../manifests/index.js'
import { command } from '../../../manifests/wording.js'
import { imagesNamed } from '../../names/asked-images.js'
import { type Context, inContext } from '../../session/context.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import type { GetRequest, StoredImage } from './request.js'

/**
 * The installed images, one row per tag, newest tags of a repository as the store lists them. For an engine,
 * what it lists. @throws ENGINE_UNREACHABLE, LAYOUT_INVALID, INVALID_DOCUMENT if the store's index is damaged
 */
export async function get(request: GetRequest = {}): Promise<StoredImage[]> {
  if (request.engine) return await (await import('./engine-images.js')).imagesOfEngine(request)
  return await inContext(request, async (context) => {
    const images = await taggedImages(await context.store(), notesDamage(context))
    return imagesNamed(request.names, images).map(row)
  })
}

/** Notes entries of the store that cannot be read. */
export function notesDamage(context: Context): (entry: Descriptor) => void {
  return ({ digest }) => context.note(`${digest} cannot be read and is left out; run ${command('verify')}.`)
}

function row(image: TaggedImage): StoredImage {
  const { os = '', architecture = '', 'os.version': osVersion } = image.platform ?? {}
  return {
    repository: image.repository,
    tag: image.tag,
    name: image.name,
    version: image.version,
    fullName: image.fullName,
    id: image.id,
    digest: image.entry.digest,
    created: image.config?.created ?? '',
    size: image.size,
    os,
    architecture,
    osVersion,
    ...image.artifact,
  }
}
