import { type Descriptor, present } from '../../../manifests/index.js'
import { command } from '../../../manifests/wording.js'
import type { ImageSource } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { imagesNamed } from '../../names/asked-images.js'
import { type Context, inContext } from '../../session/context.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import type { Store } from '../../store/store.js'
import { type Filterable, filtered } from './filters.js'
import { partsOf } from './parts.js'
import type { GetRequest, StoredImage } from './request.js'
import { unpackedSize } from './unpacked-size.js'

/**
 * The installed images, one row per tag, newest tags of a repository as the store lists them. For an engine,
 * what it lists. @throws ENGINE_UNREACHABLE, LAYOUT_INVALID, INVALID_DOCUMENT if the store's index is damaged
 */
export async function get(request: GetRequest = {}): Promise<StoredImage[]> {
  if (request.engine) return await (await import('./engine-images.js')).imagesOfEngine(request)
  return await inContext(request, async (context) => {
    const store = await context.store()
    const images = await taggedImages(store, notesDamage(context))
    const named = new Set(imagesNamed(request.names, images))
    const { filters = [] } = request
    const source = request.parts ? await storeLayout(store) : undefined
    const rows: Filterable[] = []
    const rowsNamed = new Set<StoredImage>()
    // A filter may refer to an image that was not asked for.
    for (const image of filters.length > 0 ? images : named) {
      const one = { row: await row(store, image, source), labels: labelsOf(image) }
      rows.push(one)
      if (named.has(image)) rowsNamed.add(one.row)
    }
    return filtered(filters, rows, new Date()).filter((one) => rowsNamed.has(one))
  })
}

/** Notes entries of the store that cannot be read. */
export function notesDamage(context: Context): (entry: Descriptor) => void {
  return ({ digest }) => context.note(`${digest} cannot be read and is left out; run ${command('verify')}.`)
}

function labelsOf({ config }: TaggedImage): Record<string, string> {
  return config?.config?.Labels ?? {}
}

async function row(store: Store, image: TaggedImage, source: ImageSource | undefined): Promise<StoredImage> {
  const { os = '', architecture = '', 'os.version': osVersion } = image.platform ?? {}
  return present({
    repository: image.repository,
    tag: image.tag,
    name: image.name,
    version: image.version,
    fullName: image.fullName,
    id: image.id,
    digest: image.entry.digest,
    created: image.config?.created ?? '',
    size: image.size,
    unpackedSize: await unpackedSize(store, image.manifest.layers),
    contentSize: image.size,
    os,
    architecture,
    osVersion,
    ...image.artifact,
    parts: source && (await partsOf(store, image, source)),
  })
}
