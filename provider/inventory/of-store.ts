import { formatPlatform, type InventoryContent } from '../../manifests/index.js'
import { closureOf } from '../store/closure.js'
import { type TaggedImage, taggedImages } from '../store/images.js'
import { hasBlob } from '../store/ingest.js'
import type { Store } from '../store/store.js'

/**
 * The images of a store and the blobs of them that are there wholly, in an order of their own.
 * @param damaged is told the digest of an entry whose documents cannot be read
 */
export async function storeInventory(
  store: Store,
  damaged: (digest: string) => void,
): Promise<InventoryContent> {
  const images = await taggedImages(store, ({ digest }) => damaged(digest))
  const blobs: InventoryContent['blobs'] = []
  for (const descriptor of (await closureOf(store.places, await store.entries())).values())
    if (await hasBlob(store.places, descriptor))
      blobs.push({ digest: descriptor.digest, size: descriptor.size })
  blobs.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  return { of: 'store', images: listed(images), blobs }
}

/** Tags of one image stand together. */
function listed(images: TaggedImage[]): InventoryContent['images'] {
  const found = new Map<string, InventoryContent['images'][number]>()
  for (const image of images) {
    const key = `${image.name} ${image.version} ${image.entry.digest}`
    const known = found.get(key)
    if (known) known.tags.push(image.refName)
    else found.set(key, ofOne(image))
  }
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
}

function ofOne(image: TaggedImage): InventoryContent['images'][number] {
  const { name, version, refName, platform, entry, manifest, config } = image
  return {
    name,
    version,
    tags: [refName],
    platform: formatPlatform(platform),
    digest: entry.digest,
    layers: manifest.layers.flatMap(({ digest }, i) => {
      const diffId = config.rootfs.diff_ids[i]
      return diffId === undefined ? [] : [{ digest, diffId }]
    }),
  }
}
