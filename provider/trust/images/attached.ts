import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  isManifestType,
  LIMITS,
  type Manifest,
  printable,
} from '../../../manifests/index.js'
import { readManifest } from '../../copy/documents.js'
import type { ImageSource } from '../../copy/ports.js'
import { readOnce } from '../../copy/read-once.js'
import { readVerified } from '../../copy/read-verified.js'
import type { ReadSignature } from './signatures/read-signature.js'
import { SignatureFault } from './signatures/signature-fault.js'

/** One signature of an artifact that goes with an image: either read, or with the reason why it cannot be read. */
export interface AttachedSignature {
  /** The digest of the artifact's manifest. */
  artifact: Digest
  signature?: ReadSignature
  fault?: SignatureFault
}

/** An image has a few; whoever attaches more has bad intentions. */
const MOST_SIGNATURES = 1000
/** The most that all signatures of one image may have, in bytes. */
const MOST_BYTES = 128 * 1024 * 1024

/** How one layer of an artifact is read as a signature. */
interface SignatureFormat {
  mediaType: RegExp
  limit: number
  read(bytes: Buffer, layer: Descriptor, subject: () => Promise<Buffer>): Promise<ReadSignature>
}

const FORMATS: SignatureFormat[] = [
  {
    mediaType: /^application\/vnd\.dev\.cosign\.simplesigning\.v1\+json$/,
    limit: LIMITS.signatureBytes,
    read: async (bytes, { annotations = {} }) =>
      await (await import('./cosign/cosign-signature.js')).cosignSignature(bytes, annotations),
  },
  {
    mediaType: /^application\/vnd\.dsse\.envelope\.v1\+json$/,
    limit: LIMITS.attestationBytes,
    read: async (bytes, { annotations = {} }) =>
      await (await import('./cosign/cosign-signature.js')).cosignAttestation(bytes, annotations),
  },
  {
    mediaType: /^application\/vnd\.dev\.sigstore\.bundle(\+json;version=|\.v)\d+\.\d+(\+json)?$/,
    limit: LIMITS.attestationBytes,
    read: async (bytes, _, subject) =>
      await (await import('./sigstore/bundle-signature.js')).bundleSignature(bytes, subject),
  },
  {
    mediaType: /^application\/jose\+json$/,
    limit: LIMITS.signatureBytes,
    read: async (bytes) => await (await import('./notation/notation-signature.js')).notationSignature(bytes),
  },
  {
    mediaType: /^application\/cose$/,
    limit: LIMITS.signatureBytes,
    read: async () => {
      throw new SignatureFault('IMAGE_SIGNATURE_INVALID', 'it is in COSE, which is not read here; JWS is')
    },
  },
]

/**
 * Reads all signatures and signed attestations among artifacts.
 * @param artifacts that go with one image
 * @throws INTERRUPTED, network errors
 */
export async function attachedSignatures(
  source: ImageSource,
  artifacts: readonly Descriptor[],
  signal?: AbortSignal,
): Promise<AttachedSignature[]> {
  const found: AttachedSignature[] = []
  let bytes = 0
  for (const artifact of artifacts.filter(({ mediaType }) => isManifestType(mediaType))) {
    const manifest = await readManifest(source, artifact, signal)
    for (const layer of manifest.layers) {
      const format = FORMATS.find(({ mediaType }) => mediaType.test(layer.mediaType))
      if (!format || found.length === MOST_SIGNATURES) continue
      bytes += layer.size
      const limit = bytes > MOST_BYTES ? 0 : format.limit
      found.push({
        artifact: artifact.digest,
        ...(await readLayer(source, manifest, layer, { ...format, limit }, signal)),
      })
    }
  }
  return found
}

async function readLayer(
  source: ImageSource,
  manifest: Manifest,
  layer: Descriptor,
  { limit, read }: SignatureFormat,
  signal?: AbortSignal,
): Promise<Pick<AttachedSignature, 'signature' | 'fault'>> {
  try {
    if (layer.size > limit)
      throw new SignatureFault(
        'IMAGE_SIGNATURE_INVALID',
        `it has ${layer.size} bytes, and a signature of its kind at most ${limit}`,
      )
    const bytes = Buffer.from(await readVerified(source, layer, limit, signal))
    return { signature: await read(bytes, layer, () => subjectOf(source, manifest, signal)) }
  } catch (error) {
    if (error instanceof SignatureFault) return { fault: error }
    if (!(error instanceof ContainerImageError) || error.code === 'INTERRUPTED' || signal?.aborted)
      throw error
    return { fault: new SignatureFault('IMAGE_SIGNATURE_INVALID', printable(error.message), error) }
  }
}

/**
 * The manifest that an artifact refers to, for which a signature without a statement was made.
 * @throws SignatureFault
 */
async function subjectOf(source: ImageSource, { subject }: Manifest, signal?: AbortSignal): Promise<Buffer> {
  if (!subject) return Buffer.alloc(0)
  return Buffer.from(await readOnce(source, subject, LIMITS.indexBytes, signal))
}
