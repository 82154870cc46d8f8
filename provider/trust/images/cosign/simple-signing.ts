import { type Digest, isDigest } from '../../../../manifests/index.js'
import { isObject } from '../../../../manifests/json-kinds.js'
import { objectIn } from '../signatures/outside-documents.js'
import { SignatureFault } from '../signatures/signature-fault.js'

/** What a simple signing payload says: which manifest it is for, and what name that has. */
export interface SimpleSigning {
  digest: Digest
  /** `docker-reference`; cosign leaves the tag out. */
  reference?: string
}

/** containers/image, `signature/internal/payload.go`; cosign, `specs/SIGNATURE_SPEC.md`. */
const TYPES = ['cosign container image signature', 'atomic container signature']

/** @throws SignatureFault */
export function parseSimpleSigning(payload: Uint8Array): SimpleSigning {
  const { critical } = objectIn(payload, 'payload')
  const { type, image, identity } = isObject(critical) ? critical : {}
  const digest = isObject(image) ? image['docker-manifest-digest'] : undefined
  if (typeof type !== 'string' || !TYPES.includes(type) || !isDigest(digest))
    throw new SignatureFault(
      'IMAGE_SIGNATURE_INVALID',
      'its payload does not say which manifest it is for, in the way of simple signing',
    )
  const reference = isObject(identity) ? identity['docker-reference'] : undefined
  return { digest, ...(typeof reference === 'string' && reference !== '' ? { reference } : {}) }
}
