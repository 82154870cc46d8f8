import { expect } from 'chai'
import { digestOf, MEDIA_TYPES } from '../../../manifests/index.js'
import { verified } from '../../../provider/copy/verified.js'
import { failure } from '../verbs/failure.js'

const BYTES = Buffer.from('every byte from outside passes here')
const DESCRIPTOR = { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(BYTES), size: BYTES.length }

describe('the verifying stream', () => {
  /** Gives its bytes in pieces, and calls something before one of them, or at the end. */
  async function* inPieces(before: number, call: () => void): AsyncGenerator<Buffer> {
    for (let at = 0; at < 3; at++) {
      if (at === before) call()
      yield BYTES.subarray(at * 15, at * 15 + 15)
    }
    if (before === 3) call()
  }

  for (const [when, before] of [
    ['before its first byte', 0],
    ['on its way', 1],
    ['before its last piece', 2],
    ['when all was read', 3],
  ] as const)
    it(`ends when it is to stop: ${when}`, async () => {
      const controller = new AbortController()
      let seen = 0
      const read = async () => {
        const source = inPieces(before, () => controller.abort())
        for await (const _ of verified(source, DESCRIPTOR, { signal: controller.signal })) seen++
      }
      await failure(read(), 'INTERRUPTED')
      expect(seen).to.be.at.most(before)
    })

  it('ends with the first byte too many', async () => {
    let given = 0
    async function* endless() {
      for (;;) {
        given += BYTES.length
        yield BYTES
      }
    }
    const read = async () => {
      for await (const _ of verified(endless(), DESCRIPTOR)) expect(given).to.equal(BYTES.length)
    }
    await failure(read(), 'SIZE_MISMATCH')
    expect(given).to.equal(2 * BYTES.length)
  })

  it('gives all of them otherwise', async () => {
    const pieces: Uint8Array[] = []
    for await (const piece of verified(
      inPieces(-1, () => {}),
      DESCRIPTOR,
      {},
    ))
      pieces.push(piece)
    expect(Buffer.concat(pieces).equals(BYTES)).to.equal(true)
  })
})
