import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { parsePublicKey } from '../../../../provider/trust/images/signers/public-key.js'
import { smallOrder } from '../curve/small-order.js'

const ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

describe('a public key in PEM or DER', () => {
  const keys = {
    prime256v1: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey,
    secp384r1: generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey,
    secp521r1: generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).publicKey,
    ed25519: generateKeyPairSync('ed25519').publicKey,
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
  }
  const forms = Object.entries(keys).map(([kind, key]) => ({
    kind,
    key,
    der: key.export({ type: 'spki', format: 'der' }),
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
  }))

  it('is taken in every kind', () => {
    for (const { kind, der, pem } of forms) {
      const { fingerprint } = parsePublicKey(der)
      expect(parsePublicKey(Buffer.from(pem)).fingerprint, kind).to.equal(fingerprint)
      expect(parsePublicKey(Buffer.from(`a comment\n${pem}\n`)).fingerprint, kind).to.equal(fingerprint)
    }
  })

  it('is refused where a file has two', () => {
    for (const { kind, der, pem } of forms) {
      expect(() => parsePublicKey(Buffer.from(pem + pem)), kind).to.throw('2 keys')
      expect(() => parsePublicKey(Buffer.concat([der, der])), kind).to.throw('bytes follow the key')
    }
  })

  it('is refused where it is a point of small order', () => {
    for (const point of smallOrder())
      expect(() => parsePublicKey(Buffer.concat([ED25519, point]))).to.throw('small order')
  })

  it('is refused where it is the point at infinity, or none of the curve', () => {
    for (const { kind, der } of forms.slice(0, 3)) {
      const off = Buffer.from(der)
      off[off.length - 1] = (off.at(-1) ?? 0) ^ 1
      expect(() => parsePublicKey(off), kind).to.throw()
      expect(() => parsePublicKey(atInfinity(der)), kind).to.throw('infinity')
    }
  })

  it('is refused where RSA has an exponent that anybody can undo', () => {
    const jwk = keys.rsa.export({ format: 'jwk' })
    for (const e of [1, 2, 4]) {
      const key = createPublicKey({
        key: { ...jwk, e: Buffer.from([e]).toString('base64url') },
        format: 'jwk',
      })
      expect(() => parsePublicKey(key.export({ type: 'spki', format: 'der' }))).to.throw(`exponent ${e}`)
    }
  })
})

/** The algorithm of a key, with a point of a single zero byte. */
function atInfinity(der: Buffer): Buffer {
  const at = der.indexOf(0x30, 2)
  const algorithm = der.subarray(at, at + 2 + (der[at + 1] ?? 0))
  return Buffer.concat([Buffer.from([0x30, algorithm.length + 4]), algorithm, Buffer.from([3, 2, 0, 0])])
}
