import type { Receipt } from '../../manifests/index.js'
import type { Base } from './base.js'

/** What a store got by its receipts, and said to have had. @param name of the file */
export function baseOfReceipts(receipts: Receipt[], name: string): Base {
  const last = receipts.at(-1)
  const blobs: Base['blobs'] = new Map()
  for (const { images, blobs: received } of receipts) {
    const owners = images
      .filter(({ outcome }) => outcome !== 'refused')
      .map(({ name, version }) => `${name} ${version}`)
    for (const { digest } of received) {
      const known = blobs.get(digest) ?? new Set<string>()
      for (const owner of owners) known.add(owner)
      blobs.set(digest, known)
    }
  }
  const created = last ? { created: last.time } : {}
  return { kind: 'receipts', id: last?.sum ?? '', name, ...created, blobs, chains: new Map() }
}
