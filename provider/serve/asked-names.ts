import { type Digest, familiarRepository, type LocalName, shortDigest } from '../../manifests/index.js'
import { isUnnamed } from '../choice/archive-identity.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { originIndexOf } from '../choice/origin-index.js'
import type { ToldApart } from '../choice/told-apart.js'
import { servedName } from './served-name.js'

/**
 * Images with every name under which a client could ask for them here, including the one that they say they
 * had elsewhere, as clients ask a mirror for that. These are the names to check against a policy.
 * @param label of the collection, as `Repositories` gets it
 */
export function withAskedNames(
  images: readonly ChosenImage[],
  { images: named, artifacts }: ToldApart,
  label: string,
): ChosenImage[] {
  const isAlone = named.filter(isUnnamed).length === 1
  const asked = new Map<Digest, LocalName[]>()
  for (const one of [...named, ...artifacts.filter(({ refName }) => refName !== undefined)]) {
    const served = servedName(one, label, isAlone)
    if (!served) continue
    const { digest } = one.root
    const { wholeName, origin = wholeName, tag = shortDigest(digest) } = served
    const names = [wholeName, familiarRepository(origin)].map((repository) => ({ repository, tag }))
    asked.set(digest, [...(asked.get(digest) ?? []), ...names])
  }
  return images.map((image) => {
    const index = originIndexOf(image.annotations)?.digest
    const names = [...(asked.get(image.root.digest) ?? []), ...((index && asked.get(index)) || [])]
    return { ...image, otherNames: [...(image.otherNames ?? []), ...withoutMarks(names)] }
  })
}

/** `latest` is a mark on an image that has another tag in the same repository, and nobody signs it. */
function withoutMarks(names: readonly LocalName[]): LocalName[] {
  const hasVersion = (repository: string): boolean =>
    names.some((name) => name.repository === repository && name.tag !== 'latest')
  return names.filter(({ repository, tag }) => tag !== 'latest' || !hasVersion(repository))
}
