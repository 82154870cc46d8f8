import { type Digest, parseReference, present } from '../../manifests/index.js'
import type { Entry } from '../entry.js'
import { wholeName } from '../entry-from-reference.js'
import type { VersionParameters } from '../version-parameters.js'
import { refuseSecondVersion } from './referred.js'

/** A name in the source itself, with the version that the request means. */
export interface Named {
  /** `quay.io/opstree/redis`. */
  name: string
  requiredVersion?: string
  /** The one image that is meant, whatever its version. */
  digest?: Digest
}

/**
 * What a full reference means as a name in one source.
 * @throws INVALID_REFERENCE; VERSION_PARAMETERS if a tag stands beside a version parameter
 */
export function nameWithin(text: string, parameters: VersionParameters): Named {
  const reference = parseReference(text)
  refuseSecondVersion(text, reference, parameters)
  return present({
    name: wholeName(reference),
    requiredVersion: reference.tag,
    digest: reference.digest,
  })
}

export function ofDigest(entries: Entry[], digest: Digest | undefined): Entry[] {
  return digest === undefined ? entries : entries.filter((entry) => entry.digest === digest)
}
