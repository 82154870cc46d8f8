import { expect } from 'chai'
import { attachByTag, attachReferrer } from '../../../fixtures/signing/attach.js'
import type { CertificateWish } from '../../../fixtures/signing/certificates.js'
import { simpleSigning, statement } from '../../../fixtures/signing/cosign.js'
import { makeKey, signed } from '../../../fixtures/signing/keys.js'
import {
  IDENTITY,
  ISSUER,
  identityBundle,
  identityCertificate,
  type MadeRecord,
  makeSigstore,
  recordAnnotation,
  recordOf,
  trustedRoot,
} from '../../../fixtures/signing/sigstore.js'
import { scratch } from '../../../scratch.js'
import { fileIn, type ImageHere, imageIn, refusalOf } from './signed-image.js'

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const SIGN = 'https://sigstore.dev/cosign/sign/v1'
const HOUR_MS = 3_600_000

describe('an image that an identity of sigstore has signed', () => {
  const temporary = scratch()
  const sigstore = makeSigstore()

  after(() => temporary.remove())

  const policyIn = (here: ImageHere, signer: object = {}, root = trustedRoot(sigstore)): string => {
    fileIn(here, 'trusted_root.json', root)
    return fileIn(here, 'policy.json', {
      default: 'reject',
      trustedRoot: 'trusted_root.json',
      images: [{ name: 'demo', signedBy: { identity: IDENTITY, issuer: ISSUER, ...signer } }],
    })
  }

  const withBundle = (
    wish: Partial<CertificateWish> = {},
    record?: (made: MadeRecord) => MadeRecord[],
    by = sigstore,
    change = (bundle: object): object => bundle,
  ): ImageHere => {
    const here = imageIn(temporary.folder())
    const certificate = identityCertificate(by, wish)
    const bundle = change(identityBundle(by, statement(here.image.digest, SIGN), certificate, record))
    attachReferrer(here.layout, here.image, { mediaType: BUNDLE, bytes: Buffer.from(JSON.stringify(bundle)) })
    return here
  }

  /** As `cosign sign` made it before bundles: all in annotations. */
  const withAnnotations = (wish: Partial<CertificateWish> = {}, at?: number): ImageHere => {
    const here = imageIn(temporary.folder())
    const certificate = identityCertificate(sigstore, wish)
    const payload = simpleSigning(here.image.digest, 'docker.io/library/demo')
    const signature = signed(payload, certificate)
    const annotations = {
      'dev.cosignproject.cosign/signature': signature.toString('base64'),
      'dev.sigstore.cosign/certificate': certificate.certificate,
      'dev.sigstore.cosign/bundle': recordAnnotation(
        recordOf(sigstore, payload, signature, certificate.certificate, at),
      ),
    }
    const mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'
    attachByTag(here.layout, here.image, [{ mediaType, bytes: payload, annotations }])
    return here
  }

  const codeOf = async (here: ImageHere, policy: string): Promise<string | undefined> =>
    (await refusalOf(here, policy))?.code

  it('is taken by a bundle, and by what cosign writes into annotations', async () => {
    for (const here of [withBundle(), withAnnotations()])
      expect(await refusalOf(here, policyIn(here))).to.equal(undefined)
  })

  it('is taken by a pattern of identities, and only by what it fits', async () => {
    const here = withBundle()
    expect(await codeOf(here, policyIn(here, { identity: 'https://site.example/*@refs/tags/*' }))).to.equal(
      'IMAGE_SIGNER_UNTRUSTED',
    )
    expect(await codeOf(here, policyIn(here, { identity: 'https://site.example/builds/*' }))).to.equal(
      undefined,
    )
  })

  it('is refused for another identity, another issuer, and an identity that only begins alike', async () => {
    const here = withBundle()
    const wrong = [
      { identity: IDENTITY.slice(0, -1) },
      { identity: IDENTITY.replace('.workflow', 'Xworkflow') },
      { identity: IDENTITY.toUpperCase() },
      { issuer: 'https://login.other.example' },
    ]
    for (const signer of wrong) {
      const error = await refusalOf(here, policyIn(here, signer))
      expect(error?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
      expect(error?.message).to.contain(`it is by ${IDENTITY}, by ${ISSUER}`)
    }
  })

  it('is refused where somebody made the authority and the logs himself', async () => {
    const here = withBundle({}, undefined, makeSigstore())
    expect(await codeOf(here, policyIn(here))).to.equal('IMAGE_SIGNER_UNTRUSTED')
  })

  it('is refused where no log has a record of it', async () => {
    const here = withBundle({}, () => [])
    expect(await codeOf(here, policyIn(here))).to.equal('IMAGE_SIGNATURE_INVALID')
  })

  it('is refused where the record is of another log', async () => {
    const other = {
      ...makeSigstore(),
      authority: sigstore.authority,
      certificateLog: sigstore.certificateLog,
    }
    const here = withBundle({}, undefined, other)
    expect(await codeOf(here, policyIn(here))).to.equal('IMAGE_SIGNATURE_INVALID')
  })

  it('is refused where the certificate was not valid when it signed', async () => {
    const times = [
      { from: -2 * HOUR_MS, to: -HOUR_MS },
      { from: HOUR_MS, to: 2 * HOUR_MS },
    ]
    for (const wish of times) {
      const here = withBundle(wish)
      const error = await refusalOf(here, policyIn(here))
      expect(error?.code).to.equal('IMAGE_CERTIFICATE_EXPIRED')
    }
    const old = withAnnotations({}, Math.floor((Date.now() - HOUR_MS) / 1000))
    expect(await codeOf(old, policyIn(old))).to.equal('IMAGE_CERTIFICATE_EXPIRED')
  })

  it('is refused where no log promises to have the certificate', async () => {
    const here = withBundle({ certificateLog: makeKey() })
    expect(await codeOf(here, policyIn(here))).to.not.equal(undefined)
  })

  it('is refused where the statement was altered after it was signed', async () => {
    const here = imageIn(temporary.folder())
    const certificate = identityCertificate(sigstore)
    const bundle = identityBundle(sigstore, statement(`sha256:${'1'.repeat(64)}`, SIGN), certificate) as {
      dsseEnvelope: { payload: string }
    }
    bundle.dsseEnvelope.payload = statement(here.image.digest, SIGN).toString('base64')
    attachReferrer(here.layout, here.image, { mediaType: BUNDLE, bytes: Buffer.from(JSON.stringify(bundle)) })
    expect(await codeOf(here, policyIn(here))).to.equal('IMAGE_SIGNATURE_INVALID')
  })

  it("is refused where the bundle is another image's (GHSA-8gw7-4j42-w388)", async () => {
    const here = imageIn(temporary.folder())
    const bundle = identityBundle(
      sigstore,
      statement(`sha256:${'1'.repeat(64)}`, SIGN),
      identityCertificate(sigstore),
    )
    attachReferrer(here.layout, here.image, { mediaType: BUNDLE, bytes: Buffer.from(JSON.stringify(bundle)) })
    expect(await codeOf(here, policyIn(here))).to.equal('IMAGE_SIGNATURE_FOREIGN')
  })

  it('is judged as podman would by a policy with fulcio and a key of the log', async () => {
    const email = 'signer@site.example'
    const here = withAnnotations({ alternative: `email:${email}` })
    fileIn(here, 'rekor.pub', sigstore.log.pem)
    fileIn(here, 'fulcio.pem', sigstore.authority.certificate)
    const policyFor = (subjectEmail: string): string =>
      fileIn(here, 'containers.json', {
        default: [{ type: 'reject' }],
        transports: {
          docker: {
            'docker.io/library': [
              {
                type: 'sigstoreSigned',
                fulcio: { caPath: 'fulcio.pem', oidcIssuer: ISSUER, subjectEmail },
                rekorPublicKeyPath: 'rekor.pub',
                signedIdentity: { type: 'matchRepository' },
              },
            ],
          },
        },
      })
    expect(await codeOf(here, policyFor('signer@*'))).to.equal('IMAGE_SIGNER_UNTRUSTED')
    expect(await refusalOf(here, policyFor(email))).to.equal(undefined)
  })
})
