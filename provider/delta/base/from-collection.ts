import path from 'node:path'
import { canonicalDigest, type Digest, formatPlatform } from '../../../manifests/index.js'
import { imagesIn } from '../../choice/archive-images.js'
import type { RootChoice } from '../../choice/chosen-image.js'
import { withArtifacts } from '../../choice/travelling.js'
import { planCopy } from '../../copy/plan.js'
import type { ImageCollection } from '../../copy/ports.js'
import type { Base, BaseImage } from './base.js'
import { layersBelow } from './stacks.js'

/**
 * What was on an earlier stick: whoever installed it has everything that its images need, including what a delta left
 * out.
 * @throws as reading its documents does
 */
export async function baseOfCollection(collection: ImageCollection, choice: RootChoice): Promise<Base> {
  const signal = { signal: choice.signal }
  const blobs: Base['blobs'] = new Map()
  const roots: Digest[] = []
  const images: BaseImage[] = []
  for (const image of await imagesIn(collection, {}, { ...choice, allPlatforms: true })) {
    const planned = await withArtifacts(image, { latest: false, ...signal })
    const plan = await planCopy(collection, planned, signal)
    const { contents } = plan
    images.push({
      name: image.name,
      version: image.version,
      platform: formatPlatform(image.platform),
      digest: image.root.digest,
      layers: layersBelow(plan, image.root),
    })
    roots.push(image.root.digest)
    for (const { digest } of contents)
      blobs.set(digest, (blobs.get(digest) ?? new Set()).add(`${image.name} ${image.version}`))
  }
  const id = canonicalDigest(roots.sort()).slice('sha256:'.length)
  const name = path.basename(path.resolve(collection.label))
  return { kind: collection.format, id, name, blobs, chains: new Map(), images }
}
