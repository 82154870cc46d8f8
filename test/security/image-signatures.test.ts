import { expect } from 'chai'
import { ANNOTATIONS } from '../../manifests/index.js'
import { inspect, install } from '../../provider/index.js'
import { addIndex, makeLayout, readIndex, writeIndex } from '../fixtures/layout.js'
import { attachByTag, attachReferrer, type SignedLayer } from '../fixtures/signing/attach.js'
import { cosignLayer, simpleSigning } from '../fixtures/signing/cosign.js'
import { makeKey, signed } from '../fixtures/signing/keys.js'
import { imageIn, keyPolicy, refusalOf, signedImageIn } from '../provider/trust/images/signed-image.js'
import { scratch } from '../scratch.js'

describe("images' own signatures", () => {
  const temporary = scratch()
  const key = makeKey()

  after(() => temporary.remove())

  it('speak for the index that an image was chosen from only where that names the image', async () => {
    for (const isNamed of [false, true]) {
      const here = imageIn(temporary.folder())
      const { layout, image } = here
      const entries = readIndex(layout)
      const [other] = makeLayout(layout, [{ layers: [{ files: { 'etc/b': 'b' } }] }])
      if (!other) throw new Error('the fixture made no image')
      const index = addIndex(layout, isNamed ? [other, image] : [other])
      const origin = {
        [ANNOTATIONS.originIndex]: index.digest,
        [ANNOTATIONS.originIndexSize]: String(index.size),
      }
      writeIndex(
        layout,
        entries.map((entry) => ({ ...entry, annotations: { ...entry.annotations, ...origin } })),
      )
      attachByTag(layout, index, [cosignLayer(index, key)])
      const error = await refusalOf(here, keyPolicy(here, key.pem))
      expect(error?.code).to.equal(isNamed ? undefined : 'IMAGE_SIGNATURE_FOREIGN')
    }
  })

  it('of 10 MB are not read', async () => {
    const payload = Buffer.concat([
      Buffer.from('{"critical":"'),
      Buffer.alloc(10_000_000, 'x'),
      Buffer.from('"}'),
    ])
    const here = signedImageIn(temporary.folder(), (image) => [cosignLayer(image, key, 'demo', payload)])
    const error = await refusalOf(here, keyPolicy(here, key.pem))
    expect(error?.code).to.equal('IMAGE_SIGNATURE_INVALID')
    expect(error?.message).to.contain('it has 10000015 bytes, and a signature of its kind at most 1048576')
  })

  it('by the thousand are looked at up to a bound, and refuse rather than let in', async () => {
    const other = makeKey()
    const here = imageIn(temporary.folder())
    for (let at = 0; at < 3; at++) {
      const layers = Array.from({ length: 500 }, (_, i) => cosignLayer(here.image, other, `demo/${at}/${i}`))
      attachByTag(here.layout, here.image, layers, ['sig', 'att', 'sbom'][at])
    }
    const policy = keyPolicy(here, key.pem)
    const [found] = await inspect({ names: [here.layout], policy })
    if (!found || !('signatures' in found)) throw new Error('no signatures are told')
    expect(found.signatures).to.have.length(1000)
    expect(found.refusal?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
    expect((await refusalOf(here, policy))?.message).to.have.length.below(1000)
  })

  it('bring no control characters to where they are shown', async () => {
    const name = 'demo\u001b[31m\u202e'
    const here = signedImageIn(temporary.folder(), (image) => [
      cosignLayer(image, key, 'demo', simpleSigning(image.digest, name)),
    ])
    const policy = keyPolicy(here, key.pem, { signedName: 'repository' })
    const error = await refusalOf(here, policy)
    expect(error?.code).to.equal('IMAGE_SIGNATURE_FOREIGN')
    expect(error?.message).to.not.match(/[\p{Cc}\p{Cf}]/u)
    const [found] = await inspect({ names: [here.layout], policy })
    expect(JSON.stringify(found && 'signatures' in found ? found.signatures : '')).to.not.match(
      /\\u001b|\u202e/,
    )
  })

  it('of whatever shape lead to a refusal, and never to a failure of the program', async () => {
    const here = imageIn(temporary.folder())
    const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
    const annotated = (annotations: Record<string, string>): SignedLayer => ({
      ...cosignLayer(here.image, key),
      annotations,
    })
    const signature = signed(simpleSigning(here.image.digest, 'demo'), makeKey()).toString('base64')
    const names = {
      signature: 'dev.cosignproject.cosign/signature',
      certificate: 'dev.sigstore.cosign/certificate',
      bundle: 'dev.sigstore.cosign/bundle',
    }
    const layers: SignedLayer[] = [
      annotated({}),
      annotated({ [names.signature]: '%%%' }),
      annotated({ [names.signature]: signature, [names.certificate]: 'no certificate' }),
      annotated({ [names.signature]: signature, [names.bundle]: '{"Payload":[]}' }),
      annotated({ [names.signature]: signature, [names.bundle]: `${'['.repeat(5000)}` }),
    ]
    const documents = [null, [], 1, {}, { critical: null }, { payload: 'x', payloadType: 1, signatures: {} }]
    for (const mediaType of [
      'application/vnd.dev.cosign.simplesigning.v1+json',
      'application/vnd.dsse.envelope.v1+json',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      'application/jose+json',
    ])
      for (const one of documents)
        layers.push({ mediaType, bytes: text(one), annotations: { [names.signature]: 'x' } })
    layers.push({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: text(MANGLED) })
    for (const layer of layers)
      attachReferrer(here.layout, here.image, layer, 'application/vnd.example.signature')
    const error = await refusalOf(here, keyPolicy(here, key.pem))
    expect(error?.code).to.be.oneOf(['IMAGE_SIGNATURE_INVALID', 'IMAGE_SIGNER_UNTRUSTED'])
    const [found] = await inspect({ names: [here.layout], policy: keyPolicy(here, key.pem) })
    expect(found && 'signatures' in found ? found.signatures?.length : 0).to.equal(layers.length)
  })

  it('that lie under the tag of another image do not speak for this one', async () => {
    const here = imageIn(temporary.folder())
    const [other] = makeLayout(here.layout, [{ refName: 'other:1.0', layers: [{ files: { b: 'b' } }] }])
    if (!other) throw new Error('the fixture made no image')
    attachByTag(here.layout, here.image, [cosignLayer(other, key)])
    expect((await refusalOf(here, keyPolicy(here, key.pem)))?.code).to.equal('IMAGE_SIGNATURE_FOREIGN')
  })

  it('are asked for even where the run leaves referrers out', async () => {
    const here = signedImageIn(temporary.folder(), (image) => [cosignLayer(image, key)])
    const policy = keyPolicy(here, key.pem)
    const { images } = await install({ targets: [here.layout], store: here.store, policy, noReferrers: true })
    expect(images).to.have.length(1)
  })
})

/** Right in its outline, and wrong in everything that has bytes. */
const MANGLED = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: { certificate: { rawBytes: 'AAAA' }, tlogEntries: [] },
  dsseEnvelope: {
    payloadType: 'application/vnd.in-toto+json',
    payload: 'e30=',
    signatures: [{ sig: 'AA==' }],
  },
}
