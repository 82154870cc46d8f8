import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath } from '../../../../manifests/index.js'
import { get, inspect, install } from '../../../../provider/index.js'
import { attachByTag, attachReferrer } from '../../../fixtures/signing/attach.js'
import {
  attestationLayer,
  cosignLayer,
  envelope,
  simpleSigning,
  statement,
} from '../../../fixtures/signing/cosign.js'
import { makeKey, signed } from '../../../fixtures/signing/keys.js'
import { scratch } from '../../../scratch.js'
import { type ImageHere, imageIn, keyPolicy, refusalOf, signedImageIn } from './signed-image.js'

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const SLSA = 'https://slsa.dev/provenance/v1'

describe('an image that is signed with a key', () => {
  const temporary = scratch()
  const key = makeKey()
  const other = makeKey()

  after(() => temporary.remove())

  for (const kind of ['P-256', 'P-384', 'Ed25519', 'RSA-2048'] as const)
    it(`is taken where the policy has the key: ${kind}`, async () => {
      const own = makeKey(kind)
      const here = signedImageIn(temporary.folder(), (image) => [cosignLayer(image, own)])
      expect(await refusalOf(here, keyPolicy(here, own.pem))).to.equal(undefined)
      expect(await get({ store: here.store })).to.have.length(2)
    })

  it('is refused where nobody has signed it', async () => {
    const here = imageIn(temporary.folder())
    const error = await refusalOf(here, keyPolicy(here, key.pem))
    expect(error?.code).to.equal('IMAGE_UNSIGNED')
    expect(error?.message).to.match(/^demo 1\.0: it has no signature, and .*policy\.json demands one\.$/)
  })

  it('is refused where another key has signed it', async () => {
    const here = signedImageIn(temporary.folder(), (image) => [cosignLayer(image, other)])
    const error = await refusalOf(here, keyPolicy(here, key.pem))
    expect(error?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
    expect(String(error?.expected)).to.match(/^a signature by key [0-9a-f]{16}$/)
  })

  it('is refused where the payload is for another image', async () => {
    const here = signedImageIn(temporary.folder(), () => [
      cosignLayer({ digest: `sha256:${'0'.repeat(64)}` }, key),
    ])
    const error = await refusalOf(here, keyPolicy(here, key.pem))
    expect(error?.code).to.equal('IMAGE_SIGNATURE_FOREIGN')
    expect(error?.message).to.contain(`it is for sha256:${'0'.repeat(64)}`)
  })

  it('is refused where the payload was altered', async () => {
    const here = signedImageIn(temporary.folder(), (image) => {
      const layer = cosignLayer(image, key, 'demo')
      return [{ ...layer, bytes: simpleSigning(image.digest, 'other') }]
    })
    expect((await refusalOf(here, keyPolicy(here, key.pem)))?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
  })

  it('is taken where one of several signatures is right', async () => {
    const here = signedImageIn(temporary.folder(), (image) => [
      cosignLayer(image, other),
      cosignLayer(image, key),
    ])
    expect(await refusalOf(here, keyPolicy(here, key.pem))).to.equal(undefined)
  })

  it('is taken by a bundle that refers to it, with a statement and with a signature over its manifest', async () => {
    const material = { publicKey: { hint: '' } }
    for (const content of [
      (here: ImageHere) => ({
        dsseEnvelope: envelope(statement(here.image.digest, 'https://sigstore.dev/cosign/sign/v1'), key),
      }),
      (here: ImageHere) => {
        const bytes = manifestOf(here)
        const digest = Buffer.from(here.image.digest.slice(7), 'hex').toString('base64')
        return {
          messageSignature: {
            messageDigest: { algorithm: 'SHA2_256', digest },
            signature: signed(bytes, key).toString('base64'),
          },
        }
      },
    ]) {
      const here = imageIn(temporary.folder())
      const bundle = { mediaType: BUNDLE, verificationMaterial: material, ...content(here) }
      attachReferrer(here.layout, here.image, {
        mediaType: BUNDLE,
        bytes: Buffer.from(JSON.stringify(bundle)),
      })
      expect(await refusalOf(here, keyPolicy(here, key.pem))).to.equal(undefined)
    }
  })

  it('is taken by name only where the signature has the name that the policy wants', async () => {
    const here = signedImageIn(temporary.folder(), (image) => [
      cosignLayer(image, key, 'registry.example/base/demo'),
    ])
    const error = await refusalOf(here, keyPolicy(here, key.pem, { signedName: 'repository' }))
    expect(error?.code).to.equal('IMAGE_SIGNATURE_FOREIGN')
    expect(error?.message).to.contain(
      'it is for registry.example/base/demo, and not for docker.io/library/demo',
    )
    const named = signedImageIn(temporary.folder(), (image) => [
      cosignLayer(image, key, 'docker.io/library/demo'),
    ])
    expect(await refusalOf(named, keyPolicy(named, key.pem, { signedName: 'repository' }))).to.equal(
      undefined,
    )
  })

  it('needs each attestation that the policy wants, by the same signers', async () => {
    const wanted = { attestations: ['signature', SLSA] }
    const here = signedImageIn(temporary.folder(), (image) => [cosignLayer(image, key)])
    const policy = keyPolicy(here, key.pem, wanted)
    expect((await refusalOf(here, policy))?.code).to.equal('ATTESTATION_MISSING')
    attachByTag(here.layout, here.image, [attestationLayer(here.image, other, SLSA)], 'att')
    expect((await refusalOf(here, policy))?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
    attachByTag(here.layout, here.image, [attestationLayer(here.image, key, SLSA)], 'att')
    expect(await refusalOf(here, policy)).to.equal(undefined)
  })

  it('is not let in by an attestation where a signature is wanted', async () => {
    const here = imageIn(temporary.folder())
    attachByTag(here.layout, here.image, [attestationLayer(here.image, key, SLSA)], 'att')
    const error = await refusalOf(here, keyPolicy(here, key.pem))
    expect(error?.code).to.equal('IMAGE_UNSIGNED')
    expect(error?.found).to.equal('attestations alone')
  })

  it('is installed with its signatures, and judged the same way from the store', async () => {
    const here = signedImageIn(temporary.folder(), (image) => [cosignLayer(image, key)])
    const { layout, store } = here
    const policy = keyPolicy(here, key.pem)
    await install({ targets: [layout], store, policy })
    const [found] = await inspect({ names: ['demo:1.0'], store, policy })
    if (!found || !('signatures' in found)) throw new Error('no signatures are told')
    expect(found.signatures).to.have.length(1)
    expect(found.signatures?.[0]).to.include({
      kind: 'cosign',
      verdict: 'trusted',
      digest: here.image.digest,
    })
  })
})

function manifestOf({ layout, image }: ImageHere): Buffer {
  return readFileSync(path.join(layout, blobPath(image.digest)))
}
