import { folderMembers } from '../../archives/members/folder.js'
import { collectionWith } from '../../copy/collection-with.js'
import type { ImageCollection } from '../../copy/ports.js'
import type { Store } from '../../store/store.js'
import { layoutSource } from './source.js'

/**
 * What a store holds, to be read. It knows the layers that were checked when they came into the store.
 * @throws LAYOUT_INVALID, INVALID_DOCUMENT
 */
export async function storeLayout(store: Pick<Store, 'places' | 'checked'>): Promise<ImageCollection> {
  const layout = await layoutSource(folderMembers(store.places.root), 'store')
  return collectionWith(layout, {
    knownLayer: (layer, expected) => store.checked.knownLayer(layer, expected),
  })
}
