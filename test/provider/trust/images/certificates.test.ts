import { expect } from 'chai'
import { attachReferrer } from '../../../fixtures/signing/attach.js'
import { type MadeCertificate, makeCertificate } from '../../../fixtures/signing/certificates.js'
import { makeNotation, NOTATION, notationLayer, notationSigner } from '../../../fixtures/signing/notation.js'
import { scratch } from '../../../scratch.js'
import { fileIn, type ImageHere, imageIn, refusalOf } from './signed-image.js'

const HOUR_MS = 3_600_000

describe('an image that is signed with a certificate of Notary Project', () => {
  const temporary = scratch()
  const { root, signer } = makeNotation()

  after(() => temporary.remove())

  const signedBy = (
    by: MadeCertificate,
    chain: MadeCertificate[] = [root],
    headers: Record<string, unknown> = {},
    change = (layer: ReturnType<typeof notationLayer>) => layer,
  ): ImageHere => {
    const here = imageIn(temporary.folder())
    attachReferrer(here.layout, here.image, change(notationLayer(here.image, by, chain, headers)), NOTATION)
    return here
  }
  const refusal = async (here: ImageHere, more: object = {}) => {
    fileIn(here, 'root.pem', root.certificate)
    return await refusalOf(
      here,
      fileIn(here, 'policy.yaml', {
        default: 'reject',
        images: [{ name: 'demo', signedBy: [{ certificate: 'root.pem', ...more }] }],
      }),
    )
  }

  it('is taken where the trust store has its authority, with or without the root in its chain', async () => {
    expect(await refusal(signedBy(signer))).to.equal(undefined)
    expect(await refusal(signedBy(signer, []))).to.equal(undefined)
  })

  it('is taken by the subject that the policy names, and by no other', async () => {
    expect(await refusal(signedBy(signer), { subject: 'O=Example, CN=releases' })).to.equal(undefined)
    const error = await refusal(signedBy(signer), { subject: 'x509.subject: CN=nightly' })
    expect(error?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
    expect(error?.message).to.contain('it is by O=Example, CN=releases')
  })

  it('is refused where the authority is another one, also one of the same name', async () => {
    const other = makeCertificate({ commonName: 'root', isAuthority: true })
    const error = await refusal(signedBy(notationSigner(other), [other]))
    expect(error?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
    const borrowed = await refusal(signedBy(notationSigner(other), [root]))
    expect(borrowed?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
  })

  it('is refused where its certificate has expired, or is not valid yet', async () => {
    const old = await refusal(signedBy(notationSigner(root, { from: -2 * HOUR_MS, to: -HOUR_MS })))
    expect(old?.code).to.equal('IMAGE_CERTIFICATE_EXPIRED')
    expect(old?.message).to.match(/its certificate was valid until \d{4}-\d\d-\d\d/)
    const early = await refusal(signedBy(notationSigner(root, { from: HOUR_MS, to: 2 * HOUR_MS })))
    expect(early?.code).to.equal('IMAGE_CERTIFICATE_EXPIRED')
  })

  it('is refused where its signer stands by it no longer', async () => {
    const expiry = 'io.cncf.notary.expiry'
    const headers = {
      crit: ['io.cncf.notary.signingScheme', expiry],
      [expiry]: new Date(Date.now() - HOUR_MS).toISOString(),
    }
    expect((await refusal(signedBy(signer, [root], headers)))?.code).to.equal('IMAGE_CERTIFICATE_EXPIRED')
  })

  it('is refused for a critical header that nobody here understands', async () => {
    const headers = { crit: ['io.cncf.notary.signingScheme', 'com.example.plugin'] }
    const error = await refusal(signedBy(signer, [root], headers))
    expect(error?.code).to.equal('IMAGE_SIGNATURE_INVALID')
    expect(error?.message).to.contain('com.example.plugin')
  })

  it('is refused where the certificate is one of an authority', async () => {
    expect((await refusal(signedBy(root, [])))?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
  })

  it('is refused where the payload was altered, and where it is for another image', async () => {
    const here = imageIn(temporary.folder())
    const other = { ...here.image, digest: `sha256:${'2'.repeat(64)}` as const }
    const altered = signedBy(signer, [root], {}, (layer) => {
      const envelope = JSON.parse(layer.bytes.toString('utf8'))
      const right = JSON.parse(Buffer.from(envelope.payload, 'base64url').toString('utf8'))
      envelope.payload = Buffer.from(JSON.stringify({ ...right, added: 1 })).toString('base64url')
      return { ...layer, bytes: Buffer.from(JSON.stringify(envelope)) }
    })
    expect((await refusal(altered))?.code).to.equal('IMAGE_SIGNATURE_INVALID')
    attachReferrer(here.layout, here.image, notationLayer(other, signer, [root]), NOTATION)
    expect((await refusal(here))?.code).to.equal('IMAGE_SIGNATURE_FOREIGN')
  })

  it('is told to be in COSE where it is', async () => {
    const here = signedBy(signer, [root], {}, (layer) => ({ ...layer, mediaType: 'application/cose' }))
    expect((await refusal(here))?.message).to.contain('COSE')
  })
})
