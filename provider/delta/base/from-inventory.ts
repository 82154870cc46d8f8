import { chainIds, type Digest, type Inventory } from '../../../manifests/index.js'
import type { Base } from './base.js'

/**
 * What is there according to an inventory.
 * @param name of its file
 */
export function baseOfInventory(inventory: Inventory, name: string): Base {
  const { of, id, created, images, blobs } = inventory
  const kind = of === 'store' ? 'inventory of a store' : `inventory of ${of}`
  const base: Base = { kind, id, name, created, blobs: new Map(), chains: new Map(), images: [] }
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]))
  for (const { digest } of blobs) base.blobs.set(digest, new Set())
  for (const { name: image, version, platform, digest: root, layers } of images) {
    const who = `${image} ${version}`
    const known = layers.flatMap(({ digest, diffId }) => {
      const size = digest === undefined ? undefined : sizes.get(digest)
      return digest !== undefined && size !== undefined ? [{ digest, diffId, size }] : []
    })
    base.images.push({ name: image, version, platform, digest: root, layers: known })
    for (const { digest } of layers) if (digest) base.blobs.get(digest)?.add(who)
    // A store installs blobs; a layer that was unpacked elsewhere does not help it.
    if (of !== 'store')
      addChains(
        base,
        layers.map(({ diffId }) => diffId),
        who,
      )
  }
  return base
}

function addChains({ chains }: Base, diffIds: Digest[], who: string): void {
  for (const chain of chainIds(diffIds)) {
    const known = chains.get(chain) ?? new Set()
    chains.set(chain, known.add(who))
  }
}
