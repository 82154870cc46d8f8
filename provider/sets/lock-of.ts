import {
  ANNOTATIONS,
  formatPlatform,
  isDigest,
  type LockedImage,
  present,
  type SetLock,
} from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { withArtifacts } from '../choice/travelling.js'
import { planCopy } from '../copy/plan.js'
import type { ReferrersOptions } from '../session/options.js'
import type { ReadSet } from './read-set.js'

/** An image that a set means, and the name in the set by which it was found. */
export interface AskedImage {
  image: ChosenImage
  asked: string
}

/** What a set means now, with every digest. */
export function lockOf({ asks }: ReadSet, locked: readonly LockedImage[]): SetLock {
  const key = ({ name, version, platform, digest }: LockedImage): string =>
    [name, version, platform, digest].join('\n')
  const distinct = [...new Map(locked.map((one) => [key(one), one])).entries()]
  return {
    lockVersion: 1,
    asks,
    images: distinct.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
  }
}

/** What a lock has about one image. @throws as reading its documents does */
export async function lockedImage(
  { image, asked }: AskedImage,
  { noReferrers, signal }: ReferrersOptions & { signal?: AbortSignal },
): Promise<LockedImage> {
  const [own, ...artifacts] = await withArtifacts(image, { latest: false, noReferrers, signal })
  const plan = await planCopy(image.source, own ? [{ ...own, companions: [] }] : [], { signal })
  const layers = plan.contents.filter(({ digest }) => !plan.documents.has(digest))
  const index = image.annotations[ANNOTATIONS.originIndex]
  const indexSize = Number(image.annotations[ANNOTATIONS.originIndexSize])
  return present({
    name: image.name,
    version: image.version,
    platform: formatPlatform(image.platform),
    asked,
    digest: image.root.digest,
    index: isDigest(index) ? { digest: index, size: indexSize } : undefined,
    reference: image.reference,
    // Where a file was on this machine is nobody's business.
    source: image.reference === undefined ? undefined : image.offeredBy,
    publisher: image.publisher,
    size: plan.contents.reduce((sum, { size }) => sum + size, 0),
    layers: layers.map(({ digest, size }) => ({ digest, size })),
    artifacts: artifacts.length > 0 ? artifacts.map(({ root }) => root.digest).sort() : undefined,
  })
}
