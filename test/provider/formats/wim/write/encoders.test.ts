import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { compileDecoders, Decoders } from '../../../../../provider/formats/wim/codecs/decoders.js'
import { compileEncoders, Encoders } from '../../../../../provider/formats/wim/codecs/encoders.js'
import { compileEncoders as compileSources, EMBEDDED } from '../../../../../scripts/build-wim-encoders.js'
import { noise, programBytes } from '../source-tree.js'

/** Chunks of every kind that encoders could stumble over, up to a size. */
function chunks(most: number): Buffer[] {
  const text = Buffer.from('words and words and more words\n'.repeat(Math.ceil(most / 31))).subarray(0, most)
  const calls = Buffer.alloc(most, Buffer.from([0xe8, 0x10, 0, 0, 0, 0xe8, 0xf0, 0xff, 0xff, 0xff, 1, 2, 3]))
  const sizes = [1, 2, 3, 5, 64, 257, 261, 300, 1000, 4095, Math.min(most - 1, 99_999), most]
  const kinds = [Buffer.alloc(most), text, noise(most), programBytes(most), calls, rare(most)]
  return kinds.flatMap((bytes) => sizes.map((size) => bytes.subarray(0, size)))
}

/** Symbols whose frequencies grow as Fibonacci's numbers do, so that the longest code words would be too long. */
function rare(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let [a, b] = [1, 1]
  for (let at = 0, symbol = 0; at < size; symbol++) {
    bytes.fill(symbol * 7, at, Math.min(at + a, size))
    at += a
    ;[a, b] = [b, a + b]
  }
  // Spread, so that they do not become matches.
  for (let i = size - 1, seed = 1; i > 0; i--) {
    seed = (seed * 1103515245 + 12345) % 2147483648
    const j = seed % (i + 1)
    const one = bytes[i] ?? 0
    bytes[i] = bytes[j] ?? 0
    bytes[j] = one
  }
  return bytes
}

describe('compressing chunks', () => {
  const decoders = new Decoders(compileDecoders())
  decoders.reserve(12 << 20)

  for (const [type, window] of [
    ['XPRESS', 4096],
    ['XPRESS', 32768],
    ['XPRESS', 65536],
    ['LZX', 32768],
    ['LZX', 65536],
    ['LZX', 2097152],
  ] as const)
    it(`gives back each chunk: ${type}, ${window} bytes`, () => {
      const encoders = new Encoders(compileEncoders(), 8 << 20, type === 'LZX' ? window : undefined)
      const input = encoders.base
      const output = encoders.base + (4 << 20)
      let smaller = 0
      for (const chunk of chunks(window)) {
        chunk.copy(encoders.bytes, input)
        const size =
          type === 'LZX'
            ? encoders.lzx(input, chunk.length, output, window)
            : encoders.xpress(input, chunk.length, output)
        if (size === 0) continue
        smaller++
        expect(size).to.be.lessThan(chunk.length)
        encoders.bytes.copy(decoders.bytes, decoders.base, output, output + size)
        const back = decoders.base + (4 << 20)
        expect(decoders.expand(type, window, decoders.base, size, back, chunk.length)).to.equal(true)
        expect(chunk.equals(decoders.bytes.subarray(back, back + chunk.length))).to.equal(true)
      }
      expect(smaller).to.be.greaterThan(20)
    })

  it('is done by what the sources beside it say', async () => {
    expect(await compileSources()).to.equal(readFileSync(EMBEDDED, 'utf8'))
  })
})
