import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { openWim, readBlobs, verifyWim } from '../../../../../provider/formats/wim/index.js'
import { describeWithPeers } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { noise, programBytes } from '../source-tree.js'
import { wimlib } from '../wimlib.js'

describeWithPeers(['wimlib-imagex'], 'a WIM with chunks of 64 MiB', () => {
  const folders = scratch()
  let file = ''

  before(async () => {
    const folder = folders.folder()
    const tree = path.join(folder, 'tree')
    await mkdir(tree)
    // Noise keeps the stored bytes many: they are read while the chunk is expanded.
    for (let i = 0; i < 6; i++) {
      const bytes = Buffer.concat([noise(700_000 + i), programBytes(400_000 + 77 * i)])
      await writeFile(path.join(tree, `file ${i}`), Buffer.from(bytes.map((byte) => byte ^ (i * 37))))
    }
    file = path.join(folder, 'large.wim')
    const chunks = ['--solid', '--solid-compress=LZMS:20', '--solid-chunk-size=67108864']
    wimlib('capture', tree, file, 'large', ...chunks)
  })
  after(() => folders.remove())

  it('gives back every file', async () => {
    const wim = await openWim(file)
    try {
      expect(wim.parts[0]?.size).to.be.greaterThan(3 << 20)
      const seen = new Set<string>()
      for await (const { blob, bytes, last } of readBlobs(wim.blobs.values(), { workers: 0 })) {
        expect(last).to.equal(true)
        expect(createHash('sha1').update(bytes).digest('hex')).to.equal(blob.sha1)
        seen.add(blob.sha1)
      }
      expect(seen.size).to.equal(6)
      expect((await verifyWim(wim)).problems).to.deep.equal([])
    } finally {
      await wim.close()
    }
  })

  it('is found damaged, wherever in the chunk one byte is wrong', async () => {
    const stored = readFileSync(file)
    for (const part of [0.001, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999]) {
      const at = 300 + Math.floor(part * 3e6)
      change(at, (stored[at] ?? 0) ^ 0x10)
      const wim = await openWim(file)
      try {
        const { problems } = await verifyWim(wim, { workers: 0 })
        expect(problems.length, `byte ${at}`).to.be.greaterThan(0)
      } finally {
        await wim.close()
        change(at, stored[at] ?? 0)
      }
    }
  })

  function change(at: number, byte: number): void {
    const fd = openSync(file, 'r+')
    writeSync(fd, Uint8Array.of(byte), 0, 1, at)
    closeSync(fd)
  }
})
