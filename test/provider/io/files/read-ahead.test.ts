import { expect } from 'chai'
import { ReadAhead } from '../../../../provider/io/files/read-ahead.js'

describe('reading ahead', () => {
  const all = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
  let asked: [position: number, length: number][] = []

  function ahead(): ReadAhead {
    asked = []
    return new ReadAhead(async (buffer, position) => {
      asked.push([position, buffer.length])
      return all.copy(buffer, 0, Math.min(position, all.length), position + buffer.length)
    })
  }

  async function piece(reading: ReadAhead, position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await reading.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  it('gives the bytes of the file, in whatever order, and none behind its end', async () => {
    const reading = ahead()
    const places = [0, 30, 29, 500_000, 200_000, 262_143, 262_144, 999_990, 1_000_000, 2_000_000]
    for (const at of places)
      for (const length of [0, 1, 300, 300_000])
        expect(
          (await piece(reading, at, length)).equals(all.subarray(at, at + length)),
          `${at} ${length}`,
        ).to.equal(true)
  })

  it('asks the file seldom for small pieces that follow each other, and for no more of one that lies apart', async () => {
    const reading = ahead()
    for (let at = 0; at < 500_000; at += 1000) await piece(reading, at, 600)
    expect(asked).to.have.length.below(6)
    await piece(reading, 900_000, 10)
    expect(asked.at(-1)).to.deep.equal([900_000, 10])
  })

  it('gives each of several that read at once its own', async () => {
    const reading = ahead()
    const places = [0, 900_000, 100, 300_000, 5, 700_000]
    const pieces = await Promise.all(places.map((at) => piece(reading, at, 400)))
    for (const [i, at] of places.entries())
      expect(pieces[i]?.equals(all.subarray(at, at + 400))).to.equal(true)
  })
})
