import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { makeBenchImage } from '../../scripts/bench/made-image.js'
import { scratch } from '../scratch.js'

describe('the image that is measured with', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('is as large as was asked for, whatever large files come first', async () => {
    const files = path.join(temporary.folder(), 'f')
    mkdirSync(files)
    writeFileSync(path.join(files, 'a-large-one'), Buffer.alloc(9_000_000, 1))
    for (let i = 0; i < 150; i++)
      writeFileSync(path.join(files, `small${i}`), Buffer.alloc(20_000, String(i)))
    for (const size of [600_000, 1_200_000, 2_100_000]) {
      const folder = path.join(temporary.folder(), String(size))
      const made = await makeBenchImage(folder, size, { places: [files] })
      expect(made).to.be.within(size, size * 1.12)
      const blobs = path.join(folder, 'blobs', 'sha256')
      const bytes = readdirSync(blobs).map((name) => readFileSync(path.join(blobs, name)))
      const layers = bytes.filter((one) => one[0] === 0x1f).map((one) => gunzipSync(one).length)
      expect(layers.reduce((sum, one) => sum + one, 0)).to.equal(made)
    }
  })
})
