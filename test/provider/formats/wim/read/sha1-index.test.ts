import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { BlobTable } from '../../../../../provider/formats/wim/read/blob-table.js'
import type { WimBlob } from '../../../../../provider/formats/wim/read/resource-table.js'
import { inBuffer, SHA1_SIZE, Sha1Index } from '../../../../../provider/formats/wim/read/sha1-index.js'

describe('Many hashes', () => {
  const hashes = Buffer.concat(
    Array.from({ length: 5000 }, (_, i) => createHash('sha1').update(String(i)).digest()),
  )
  const each = Array.from({ length: 5000 }, (_, i) => i * SHA1_SIZE)

  for (const room of [undefined, 0, 1, 4999, 5000])
    it(`keep their numbers while their index grows: with room for ${room ?? 'a few'}`, () => {
      const index = new Sha1Index(room)
      for (const [number, at] of each.entries()) {
        expect(index.find(hashes, at)).to.equal(-1)
        expect(index.add(hashes, at)).to.equal(number)
        expect(index.add(hashes, at)).to.equal(number)
      }
      expect(index.size).to.equal(5000)
      for (const [number, at] of each.entries()) {
        expect(index.find(hashes, at)).to.equal(number)
        expect(index.at(number).equals(hashes.subarray(at, at + SHA1_SIZE))).to.equal(true)
      }
      expect(index.since(4000).equals(hashes.subarray(4000 * SHA1_SIZE))).to.equal(true)
      expect(index.since(5000)).to.have.length(0)
    })

  it('are told apart where they differ in one bit', () => {
    const index = new Sha1Index()
    const one = Buffer.alloc(SHA1_SIZE)
    expect(index.add(one, 0)).to.equal(0)
    for (let bit = 0; bit < 8 * SHA1_SIZE; bit++) {
      const other = Buffer.alloc(SHA1_SIZE)
      other[bit >> 3] = 1 << (bit & 7)
      expect(index.find(other, 0)).to.equal(-1)
      expect(index.add(other, 0)).to.equal(bit + 1)
    }
    expect(index.find(one, 0)).to.equal(0)
  })

  it('are the same memory where another thread sent them', () => {
    const sent = new Uint8Array(hashes).subarray(SHA1_SIZE, 3 * SHA1_SIZE)
    expect(inBuffer(sent).equals(hashes.subarray(SHA1_SIZE, 3 * SHA1_SIZE))).to.equal(true)
  })

  it('name blobs, the first of two, and none where a text is no hash', () => {
    const table = new BlobTable()
    const blob = (i: number, position: number): WimBlob =>
      ({ sha1: hashes.toString('hex', i * SHA1_SIZE, (i + 1) * SHA1_SIZE), position }) as WimBlob
    for (const [i, position] of [
      [7, 1],
      [3, 2],
      [7, 3],
    ] as const)
      table.add(blob(i, position))
    expect(table.size).to.equal(2)
    expect([...table.values()].map(({ position }) => position)).to.deep.equal([1, 2])
    expect(table.get(blob(7, 0).sha1)?.position).to.equal(1)
    expect(table.has(blob(3, 0).sha1)).to.equal(true)
    for (const none of [
      '',
      'x'.repeat(40),
      `${blob(7, 0).sha1}00`,
      blob(7, 0).sha1.slice(2),
      blob(9, 0).sha1,
    ])
      expect(table.has(none), none).to.equal(false)
  })
})
