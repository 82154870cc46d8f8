import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { type GzipWriter, OF_PROGRAMS, OF_ZLIB } from './gzip-writers.js'
import { cut, edited, joined, layerIn, sampleFiles, tarOf } from './layers.js'

const before = sampleFiles(5, 150)
const [old, young] = [tarOf(before), tarOf(edited(before, 5))]

const folders = scratch()

function givesBack(title: string, writer: GzipWriter, most: number): void {
  it(`gives back the very bytes of ${title}`, async () => {
    const folder = folders.folder()
    const [one, two] = ['one', 'two'].map((name) => path.join(folder, name)) as [string, string]
    mkdirSync(one)
    mkdirSync(two)
    const base = layerIn(folder, 'old', await writer(old, one), old)
    const layer = layerIn(folder, 'new', await writer(young, two), young)
    const made = await cut(layer, [base], { scratch: folder })
    expect(made.delta).to.include({ form: 'gzip-tokens', exact: true })
    const result = await joined(made, [base], folder)
    expect(result.bytes.equals(layer.bytes)).to.equal(true)
    expect(made.file.size / layer.bytes.length).to.be.lessThan(most)
  })
}

describe('a delta of a gzip layer', () => {
  afterEach(() => folders.remove())
  for (const [title, writer] of Object.entries(OF_ZLIB)) {
    // Members and flushes at other places cut other strings in two; their heads are many.
    const most = /flush|members|little/.test(title) ? 0.4 : 0.1
    givesBack(title, writer, most)
  }

  it('is right between two writers, though not small', async () => {
    const folder = folders.folder()
    const base = layerIn(folder, 'old', gzipSync(old, { level: 1 }))
    const layer = layerIn(folder, 'new', gzipSync(young, { level: 9 }))
    const made = await cut(layer, [base], { scratch: folder })
    expect((await joined(made, [base], folder)).bytes.equals(layer.bytes)).to.equal(true)
  })
})

describeWithPeers(['skopeo', '7zz', 'python3'], 'a delta of a gzip layer of a program', () => {
  afterEach(() => folders.remove())
  for (const [title, writer] of Object.entries(OF_PROGRAMS))
    givesBack(title, writer, title === '7-Zip' ? 0.7 : 0.1)
})
