import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { ed25519Fault } from '../../../../provider/trust/curve/ed25519-point.js'
import { ed25519Verify } from '../../../../provider/trust/minisign/ed25519.js'
import { smallOrder } from './small-order.js'

describe('the point of an Ed25519 key', () => {
  it('is taken for keys as they are made', () => {
    for (let i = 0; i < 20; i++) {
      const der = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
      expect(ed25519Fault(der.subarray(-32))).to.equal(undefined)
    }
  })

  it('is refused where it has a small order, however it is written', () => {
    for (const bytes of smallOrder())
      expect(ed25519Fault(bytes), bytes.toString('hex')).to.contain('small order')
  })

  it('is refused where node:crypto takes a signature that nobody made', () => {
    const identity = Buffer.from([1, ...Buffer.alloc(31)])
    const made = Buffer.concat([identity, Buffer.alloc(32)])
    for (const message of ['a', 'b', 'anything'])
      expect(ed25519Verify(identity, Buffer.from(message), made)).to.equal(true)
    expect(ed25519Fault(identity)).to.contain('anybody')
  })

  it('is refused where it is none of the curve, or not written as it must be', () => {
    for (const y of [2, 7, 8])
      expect(ed25519Fault(Buffer.from([y, ...Buffer.alloc(31)]))).to.contain('no point')
    // 3 + p, 4 + p and 5 + p fit into 255 bits as well.
    for (const more of [3, 4, 5])
      expect(ed25519Fault(Buffer.from([0xed + more, ...Buffer.alloc(30, 0xff), 0x7f]))).to.contain(
        'not written',
      )
  })
})
