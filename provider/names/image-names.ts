import { type Digest, formatLocalName, type LocalName, shortDigest } from '../../manifests/index.js'
import { namesFor } from './local-names.js'

/** What names of an image are made of. */
export interface ImageIdentity {
  /** Empty where it has none. */
  name: string
  version: string
  otherNames?: LocalName[]
}

/** All names that an image gets; none for one without a name. @throws INVALID_REFERENCE */
export function namesOfImage(
  { name, version, otherNames = [] }: ImageIdentity,
  latest: boolean,
): LocalName[] {
  if (name === '') return []
  const own = namesFor(name, version, latest)
  const taken = new Set(own.map(formatLocalName))
  return [...own, ...otherNames.filter((other) => !taken.has(formatLocalName(other)))]
}

/** An image in a message: `debian 12.5`, or the digest of one that has no name. */
export function labelOf(image: ImageIdentity & { root?: { digest: Digest } }): string {
  return image.name === '' && image.root ? shortDigest(image.root.digest) : `${image.name} ${image.version}`
}
