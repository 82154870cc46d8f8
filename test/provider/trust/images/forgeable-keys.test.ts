import { createPublicKey, generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { checkKeys } from '../../../../provider/trust/images/notation/certificate-chain.js'
import { trustedRootOf } from '../../../../provider/trust/images/sigstore/trust-material.js'
import { smallOrder } from '../curve/small-order.js'

describe('a key that anybody can sign with', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  const good = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey
  const exponentOne = createPublicKey({ key: { ...rsa.export({ format: 'jwk' }), e: 'AQ' }, format: 'jwk' })
  const ed25519 = smallOrder().map((point) =>
    read(Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), point])),
  )
  // The curve prime256v1, and a point of a single zero byte.
  const infinity = Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex')

  it('is refused in a chain of certificates, before anything is verified with it', () => {
    checkKeys([{ publicKey: good }, { publicKey: rsa }] as X509Certificate[])
    for (const publicKey of [exponentOne, read(infinity), ...ed25519])
      expect(() => checkKeys([{ publicKey: good }, { publicKey }] as X509Certificate[])).to.throw(
        'is not taken',
      )
  })

  it('is refused as the key of a log in a trusted root', () => {
    expect(trustedRootOf(rootOf(der(good))).tlogs).to.have.length(1)
    for (const bytes of [der(exponentOne), infinity, ...ed25519.map(der)])
      expect(() => trustedRootOf(rootOf(bytes)))
        .to.throw('tlogs[0].publicKey')
        .with.property('code', 'INVALID_DOCUMENT')
  })
})

function read(bytes: Buffer): KeyObject {
  return createPublicKey({ key: bytes, format: 'der', type: 'spki' })
}

function der(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function rootOf(key: Buffer): Buffer {
  return Buffer.from(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        {
          baseUrl: '',
          hashAlgorithm: 'SHA2_256',
          publicKey: { rawBytes: key.toString('base64'), validFor: { start: '2020-01-01T00:00:00Z' } },
          logId: { keyId: '' },
        },
      ],
      certificateAuthorities: [],
      timestampAuthorities: [],
      ctlogs: [],
    }),
  )
}
