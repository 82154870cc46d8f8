import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { combineCrc } from '../../../../provider/io/gzip/crc-combine.js'
import { gzipFile } from '../../../../provider/io/gzip/gzip-file.js'
import { codeLengths } from '../../../../provider/io/gzip/huffman.js'
import { onPath } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { noise, programBytes } from '../../formats/wim/source-tree.js'

describe('compressing a layer with gzip', () => {
  const folders = scratch()
  after(() => folders.remove())

  async function compressed(bytes: Uint8Array): Promise<Buffer> {
    const folder = folders.folder()
    const input = path.join(folder, 'in')
    const output = path.join(folder, 'out')
    writeFileSync(input, bytes)
    const fd = openSync(output, 'w')
    const size = await gzipFile(input, bytes.length, fd).finally(() => closeSync(fd))
    const result = readFileSync(output)
    expect(result.length).to.equal(size)
    return result
  }

  const words = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `word ${(i * i) % 977} `).join(''))
  const inputs: [title: string, bytes: Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(7)],
    ['three equal bytes', Uint8Array.of(1, 1, 1)],
    ['zeros', Buffer.alloc(3_000_000)],
    ['a program', programBytes(5_000_000)],
    ['noise', noise(2_200_000)],
    ['words', words],
    ['each byte once, and again', Buffer.concat([byteRange(), byteRange()])],
    ['exactly one block', programBytes(1 << 20)],
    ['one byte more', programBytes((1 << 20) + 1)],
  ]
  for (const [title, bytes] of inputs)
    it(`gives back ${title}, to zlib and to gzip`, async () => {
      const result = await compressed(bytes)
      expect(gunzipSync(result).equals(bytes)).to.equal(true)
      if (!onPath('gzip')) return
      const gzip = spawnSync('gzip', ['-dc'], { input: result, maxBuffer: 1 << 28 })
      expect(gzip.stderr.toString()).to.equal('')
      expect(gzip.stdout.equals(bytes)).to.equal(true)
    })

  it('makes programs and words about as small as zlib does in its faster levels', async () => {
    const bytes = programBytes(4 << 20)
    expect((await compressed(bytes)).length / bytes.length).to.be.lessThan(0.45)
    expect((await compressed(words)).length / words.length).to.be.lessThan(0.2)
  })

  it('makes the bytes that it made before, on every machine', async () => {
    const hash = createHash('sha256')
      .update(await compressed(words))
      .digest('hex')
    expect(hash).to.equal('2784b9f9464fb4fe41c7b3314d3b06e1bdb37c8075404d584b1922448b78094b')
  })

  it('limits the length of codes, and wastes none', () => {
    const frequencies = Uint32Array.from({ length: 40 }, (_, i) => Math.round(1.6 ** i))
    const lengths = codeLengths(frequencies, 15)
    expect(Math.max(...lengths)).to.equal(15)
    expect([...lengths].reduce((sum, length) => sum + 2 ** -length, 0)).to.equal(1)
  })

  it('combines checksums', () => {
    const bytes = noise(100_000)
    for (const at of [0, 1, 31_337, 99_999, 100_000]) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)] as const
      expect(combineCrc(crc32(parts[0]), crc32(parts[1]), parts[1].length)).to.equal(crc32(bytes))
    }
  })
})

function byteRange(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, i) => i)
}
