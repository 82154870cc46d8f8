import { expect } from 'chai'
import { nextReceipt, parseReceipts, type ReceiptContent, receiptsBytes } from '../../manifests/index.js'
import { refusal } from './refusal.js'

const NOW = '2026-01-01T00:00:00.000Z'
const DIGEST = `sha256:${'a'.repeat(64)}`

const RECEIPT: ReceiptContent = { store: 'one', from: ['a.tar'], images: [], blobs: [] }
const IMAGE = { name: 'a', version: '1', platform: 'linux/amd64', digest: DIGEST, outcome: 'installed' }

describe('a receipt with a right sum', () => {
  const wrong: [string, object][] = [
    ['an outcome that steers the terminal', { images: [{ ...IMAGE, outcome: '\u001b[2J' }] }],
    ['an unknown outcome of a blob', { blobs: [{ digest: DIGEST, size: 1, outcome: 'refused' }] }],
    ['a size below zero', { blobs: [{ digest: DIGEST, size: -1, outcome: 'present' }] }],
    ['a source that is not a text', { from: [{}] }],
    ['an error without a code', { error: { message: '' } }],
    ['an error that is a text', { error: 'no' }],
  ]
  for (const [name, change] of wrong)
    it(`is refused with ${name}`, () => {
      const receipt = nextReceipt(undefined, { ...RECEIPT, ...change } as ReceiptContent, NOW)
      refusal(() => parseReceipts(receiptsBytes([receipt]), 'log'), 'RECEIPT_INVALID')
    })

  it('is read where all of it is as it is written', () => {
    const whole = {
      ...RECEIPT,
      images: [{ ...IMAGE, outcome: 'refused' }],
      blobs: [{ digest: DIGEST, size: 0, outcome: 'present' }],
      error: { code: 'NO_SPACE', message: '' },
    }
    const receipt = nextReceipt(undefined, whole as ReceiptContent, NOW)
    expect(parseReceipts(receiptsBytes([receipt]), 'log')).to.deep.equal([receipt])
  })
})
