import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { MEDIA_TYPES, type VolumeBlob } from '../../../../manifests/index.js'
import { type BlobToPack, memberBytes, packed } from '../../../../provider/formats/volumes/pack.js'

const MB = 1_000_000
const ROOM = 4096 * 976

describe('volumes are packed', () => {
  function blobs(...sizes: number[]): BlobToPack[] {
    return sizes.map((size, i) => ({
      digest: `sha256:${createHash('sha256').update(`${MEDIA_TYPES.ociLayer} ${i}`).digest('hex')}`,
      size,
    }))
  }

  function least(all: BlobToPack[], room = ROOM): number {
    return Math.ceil(all.reduce((sum, { size }) => sum + memberBytes(size), 0) / room)
  }

  function numbers(placed: VolumeBlob[]): Set<number> {
    return new Set(placed.flatMap(({ pieces }) => pieces.map(({ volume }) => volume)))
  }

  /** What no reader could put together, or no volume could hold. */
  function expectSound(all: BlobToPack[], placed: VolumeBlob[], room = ROOM): void {
    const used = new Map<number, number>()
    for (const { pieces, size, digest } of placed) {
      let end = 0
      for (const piece of pieces) {
        expect(piece.from).to.equal(end)
        end += piece.size
        used.set(piece.volume, (used.get(piece.volume) ?? 0) + memberBytes(piece.size))
      }
      expect(end).to.equal(size)
      expect(new Set(pieces.map(({ volume }) => volume)).size, 'two pieces in one volume').to.equal(
        pieces.length,
      )
      expect(all.filter((blob) => blob.digest === digest)).to.have.length(1)
    }
    for (const bytes of used.values()) expect(bytes).to.be.at.most(room)
    expect([...numbers(placed)].sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: numbers(placed).size }, (_, i) => i + 1),
    )
  }

  const cases: [string, number[]][] = [
    ['layers of little more than half a volume', Array(10).fill(2.1 * MB)],
    ['layers of little more than a third', Array(10).fill(1.4 * MB)],
    ['layers of little less than a volume', Array(7).fill(3.9 * MB)],
    ['one large layer and many small ones', [30 * MB, ...Array(40).fill(0.3 * MB)]],
    ['layers of every size', Array.from({ length: 60 }, (_, i) => ((i * 7919) % 5000) * 1000)],
    ['a hundred of a little more than half', Array(100).fill(2.05 * MB)],
  ]
  for (const [what, sizes] of cases)
    it(`within one of the fewest: ${what}`, () => {
      const all = blobs(...sizes)
      const placed = packed(all, ROOM)
      expectSound(all, placed)
      expect(numbers(placed).size).to.be.at.most(least(all) + 1)
    })

  it('without a cut where whole blobs need no more', () => {
    const all = blobs(3 * MB, 2.5 * MB, 1.2 * MB, 0.8 * MB, 0.4 * MB)
    const placed = packed(all, ROOM)
    expect(placed.map(({ pieces }) => pieces.length)).to.deep.equal([1, 1, 1, 1, 1])
  })

  it('the same in whatever order the blobs are given', () => {
    const all = blobs(...Array.from({ length: 25 }, (_, i) => ((i * 104_729) % 3000) * 1000 + 1000))
    expect(packed([...all].reverse(), ROOM)).to.deep.equal(packed(all, ROOM))
  })

  it('whatever their sizes are', () => {
    let seed = 7
    const next = (most: number): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % most
    }
    for (let round = 0; round < 100; round++) {
      const all = blobs(...Array.from({ length: 1 + next(50) }, () => next(round % 2 ? 9 * MB : 3 * MB)))
      const placed = packed(all, ROOM)
      expectSound(all, placed)
      expect(numbers(placed).size).to.be.at.most(least(all) + 1)
    }
  })
})
