import { readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { scratch } from '../../../scratch.js'
import { cut, edited, joined, layerIn, type SampleLayer, sampleFiles, tarOf } from './layers.js'

describe('a delta of a layer', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  /** Cuts and joins; tells what share of the layer the delta has. */
  async function roundTrip(layer: SampleLayer, bases: SampleLayer[], folder: string): Promise<number> {
    const made = await cut(layer, bases, { scratch: folder })
    const result = await joined(made, [...bases].reverse(), folder)
    expect(result.bytes.equals(layer.bytes)).to.equal(true)
    expect(made.copied + made.literal).to.equal(made.delta.streamSize)
    expect(made.bytes.length).to.equal(made.file.size)
    // Nothing but the two results is left.
    expect(readdirSync(folder).filter((name) => /^(delta|layer)-/.test(name))).to.have.length(2)
    expect(readdirSync(folder).filter((name) => name.startsWith('making'))).to.deep.equal([])
    return made.file.size / layer.bytes.length
  }

  for (let seed = 1; seed <= 10; seed++)
    it(`gives back a tar and a gzip layer after changes of kind ${seed}`, async () => {
      const folder = folders.folder()
      const before = sampleFiles(seed)
      const [old, young] = [tarOf(before), tarOf(edited(before, seed))]
      const plain = await roundTrip(layerIn(folder, 'new', young), [layerIn(folder, 'old', old)], folder)
      const folder2 = folders.folder()
      const packed = await roundTrip(
        layerIn(folder2, 'new', gzipSync(young)),
        [layerIn(folder2, 'old', gzipSync(old))],
        folder2,
      )
      expect(plain).to.be.lessThan(0.03)
      expect(packed).to.be.lessThan(0.1)
    })

  it('takes what it needs from several layers', async () => {
    const folder = folders.folder()
    const [one, two] = [sampleFiles(21), sampleFiles(22)]
    const bases = [layerIn(folder, 'one', gzipSync(tarOf(one))), layerIn(folder, 'two', gzipSync(tarOf(two)))]
    const both = layerIn(folder, 'both', gzipSync(tarOf([...two, ...one])))
    expect(await roundTrip(both, bases, folder)).to.be.lessThan(0.02)
  })

  it('is hardly smaller where nothing is alike, and still right', async () => {
    const folder = folders.folder()
    const [old, young] = [layerIn(folder, 'old', tarOf(sampleFiles(31))), tarOf(sampleFiles(32))]
    expect(await roundTrip(layerIn(folder, 'new', young), [old], folder)).to.be.greaterThan(0.2)
    const gzips = [layerIn(folder, 'old.gz', gzipSync(old.bytes))]
    const other = folders.folder()
    expect(await roundTrip(layerIn(other, 'new.gz', gzipSync(young)), gzips, other)).to.be.within(0.8, 1.2)
  })

  it('takes layers without a byte', async () => {
    const folder = folders.folder()
    const [old, empty] = [
      layerIn(folder, 'old', tarOf(sampleFiles(41))),
      layerIn(folder, 'empty', Buffer.alloc(0)),
    ]
    await roundTrip(empty, [old], folder)
    const other = folders.folder()
    await roundTrip(layerIn(other, 'new', old.bytes), [empty], other)
    const third = folders.folder()
    const nothing = layerIn(third, 'nothing.gz', gzipSync(Buffer.alloc(0)))
    await roundTrip(layerIn(third, 'new.gz', gzipSync(old.bytes)), [nothing], third)
  })

  it('is next to nothing where the tar is the same', async () => {
    const folder = folders.folder()
    const tar = tarOf(sampleFiles(51))
    const old = layerIn(folder, 'old', gzipSync(tar))
    const stamped = Buffer.from(old.bytes)
    stamped.writeUInt32LE(1_700_000_000, 4)
    expect(await roundTrip(layerIn(folder, 'new', stamped), [old], folder)).to.be.lessThan(0.01)
  })

  it('is the same each time', async () => {
    const folder = folders.folder()
    const before = sampleFiles(61)
    const old = layerIn(folder, 'old', gzipSync(tarOf(before)))
    const young = layerIn(folder, 'new', gzipSync(tarOf(edited(before, 61))))
    const [one, two] = [
      await cut(young, [old], { scratch: folder }),
      await cut(young, [old], { scratch: folder }),
    ]
    expect(one.bytes.equals(two.bytes)).to.equal(true)
  })

  it('is not made against the layer itself, nor where the blob would not come back', async () => {
    const folder = folders.folder()
    const before = sampleFiles(71)
    const old = layerIn(folder, 'old', tarOf(before))
    const young = layerIn(folder, 'new', gzipSync(tarOf(edited(before, 71))))
    await refused(cut(old, [old], { scratch: folder }))
    await refused(cut(young, [young], { scratch: folder }))
    await refused(cut(young, [old], { scratch: folder }))
    expect(readdirSync(folder)).to.have.members(['old', 'new'])
  })

  it('gives the plain tar where that is allowed, from bases compressed in any way', async () => {
    const folder = folders.folder()
    const before = sampleFiles(81)
    const after = tarOf(edited(before, 81))
    const old = layerIn(folder, 'old', tarOf(before))
    const young = layerIn(folder, 'new', gzipSync(after))
    const made = await cut(young, [old], { scratch: folder, allowTar: true })
    expect(made.delta).to.include({ form: 'tar', exact: false, diffId: young.diffId })
    const again = layerIn(folder, 'old.gz', gzipSync(old.bytes))
    for (const base of [old, again]) {
      const result = await joined(made, [base], folder)
      expect(result.bytes.equals(after)).to.equal(true)
    }
  })
})

async function refused(work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'made',
    (error) => (error as Error).message,
  )
  expect(outcome).to.equal('there is no delta')
}
