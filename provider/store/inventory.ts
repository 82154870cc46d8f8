import { formatPlatform, type InventoryContent } from '../../manifests/index.js'
import type { Hasher } from '../io/hashing/hasher.js'
import { closureOf } from './closure.js'
import { type TaggedImage, taggedImages } from './images.js'
import type { Store } from './store.js'

/**
 * The images of a store and those of their blobs that are complete, in a fixed order. @param damaged called
 * once with the digest of each entry whose documents cannot be read, and of each damaged blob
 */
export async function storeInventory(
  store: Store,
  hasher: Hasher,
  damaged: (digest: string) => void,
  signal?: AbortSignal,
): Promise<InventoryContent> {
  const bad = new Set<string>()
  const images = await taggedImages(store, ({ digest }) => bad.add(digest))
  const blobs: InventoryContent['blobs'] = []
  for (const descriptor of (await closureOf(store.places, await store.entries())).values())
    if (await store.checked.has(descriptor, hasher, signal))
      blobs.push({ digest: descriptor.digest, size: descriptor.size })
  for (const digest of new Set([...bad, ...store.checked.damaged])) damaged(digest)
  blobs.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  return { of: 'store', images: listed(images), blobs }
}

/** Tags of one image are kept together. */
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
      const diffId = config?.rootfs.diff_ids[i]
      return diffId === undefined ? [] : [{ digest, diffId }]
    }),
  }
}
