import { LAYOUT_FILE } from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import { collectionWith } from '../../copy/collection-with.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection } from '../../copy/ports.js'
import type { Store } from '../../store/store.js'
import { layoutSource } from './source.js'

/**
 * What a store holds, to be read: nothing before the first install, or after one that was killed while it made the
 * store. It knows the layers that were checked when they came into the store.
 * @throws LAYOUT_INVALID, INVALID_DOCUMENT
 */
export async function storeLayout(
  store: Pick<Store, 'places' | 'checked' | 'entries'>,
): Promise<ImageCollection> {
  if (await isUnmade(store)) return nothingIn(store.places.root)
  const layout = await layoutSource(folderMembers(store.places.root), 'store')
  return collectionWith(layout, {
    knownLayer: (layer, expected) => store.checked.knownLayer(layer, expected),
  })
}

/** If there are entries, the file was lost. */
async function isUnmade({ places, entries }: Pick<Store, 'places' | 'entries'>): Promise<boolean> {
  return !(await folderMembers(places.root).find(LAYOUT_FILE)) && (await entries()).length === 0
}

function nothingIn(root: string): ImageCollection {
  return {
    label: root,
    format: 'store',
    concurrency: 1,
    images: async () => [],
    resolve: async (name) => {
      throw noSuchImage(root, name, { side: 'source', found: 'no images' })
    },
    async *read() {},
    close: async () => {},
  }
}
