import type { Receipt } from '../../../manifests/index.js'
import type { Base, BaseImage } from './base.js'

/**
 * What a store got and already had, according to its receipts.
 * @param name of the file
 */
export function baseOfReceipts(receipts: Receipt[], name: string): Base {
  const last = receipts.at(-1)
  const blobs: Base['blobs'] = new Map()
  const known: BaseImage[] = []
  for (const { images, blobs: received } of receipts) {
    const owners = images
      .filter(({ outcome }) => outcome !== 'refused')
      .map(({ name, version }) => `${name} ${version}`)
    const sizes = new Map(received.map(({ digest, size }) => [digest, size]))
    for (const { name, version, platform, digest, outcome, layers = [] } of images)
      if (outcome !== 'refused')
        known.push({
          name,
          version,
          platform,
          digest,
          layers: layers.map((layer) => ({ ...layer, size: sizes.get(layer.digest) ?? 0 })),
        })
    for (const { digest } of received) {
      const having = blobs.get(digest) ?? new Set<string>()
      for (const owner of owners) having.add(owner)
      blobs.set(digest, having)
    }
  }
  const created = last ? { created: last.time } : {}
  return { kind: 'receipts', id: last?.sum ?? '', name, ...created, blobs, chains: new Map(), images: known }
}
