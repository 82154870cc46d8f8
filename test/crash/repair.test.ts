import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { save, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

describe('a repair after one that was killed', () => {
  const temporary = scratch()
  let stick: string
  let whole: Record<string, string>
  let volume: string

  beforeEach(async () => {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      { refName: 'base:1.0', layers: [{ files: { size: 2_400_000 }, compression: 'none' }] },
    ])
    stick = path.join(temporary.folder(), 'stick')
    mkdirSync(stick)
    await save({ names: [layout], path: stick, volumeSize: 1_100_000, recovery: 0.6 })
    whole = filesIn(stick)
    const name = readdirSync(stick).find((one) => one.includes('vol2of')) ?? ''
    volume = path.join(stick, name)
  })
  afterEach(() => temporary.remove())

  function damage(): Buffer {
    const bytes = readFileSync(volume)
    bytes.fill('X', 700_000, 720_000)
    writeFileSync(volume, bytes)
    return bytes
  }

  async function repaired(): Promise<string[]> {
    const { ok, repaired = [] } = await verify({ paths: [stick], repair: true })
    expect(ok).to.equal(true)
    return repaired
  }

  for (const [part, title] of [
    [0, 'nothing'],
    [30_000, 'its beginning'],
    [900_000, 'most of it'],
  ] as const)
    it(`makes a lost volume again of which ${title} had been written`, async () => {
      const bytes = readFileSync(volume)
      rmSync(volume)
      const begun = Buffer.alloc(bytes.length)
      bytes.copy(begun, 0, 0, part)
      writeFileSync(`${volume}.repair.part`, begun)
      expect(await repaired()).to.deep.equal([volume])
      expect(filesIn(stick)).to.deep.equal(whole)
    })

  it('gives a volume its name that was whole by then', async () => {
    copyFileSync(volume, `${volume}.repair.part`)
    rmSync(volume)
    expect(await repaired()).to.deep.equal([volume])
    expect(filesIn(stick)).to.deep.equal(whole)
  })

  it('takes a volume that a person renamed rather than what had been written', async () => {
    const bytes = damage()
    rmSync(volume)
    const renamed = path.join(stick, 'zzz')
    writeFileSync(renamed, bytes)
    writeFileSync(`${volume}.repair.part`, Buffer.alloc(bytes.length))
    await repaired()
    const { zzz, ...others } = filesIn(stick)
    expect(others).to.deep.equal(whole)
    expect(readFileSync(renamed).equals(bytes), 'it stays').to.equal(true)
  })

  it('keeps a damaged volume once, which the other had given its second name', async () => {
    const bytes = damage()
    linkSync(volume, `${volume}.damaged`)
    writeFileSync(`${volume}.repair.part`, bytes.subarray(0, 500_000))
    expect(await repaired()).to.deep.equal([volume])
    const { [`${path.basename(volume)}.damaged`]: kept, ...others } = filesIn(stick)
    expect(others).to.deep.equal(whole)
    expect(readFileSync(`${volume}.damaged`).equals(bytes)).to.equal(true)
  })

  it('leaves what a person keeps under that name', async () => {
    const bytes = damage()
    writeFileSync(`${volume}.damaged`, 'mine')
    await repaired()
    expect(readFileSync(`${volume}.damaged`, 'utf8')).to.equal('mine')
    expect(readFileSync(`${volume}.damaged.2`).equals(bytes)).to.equal(true)
  })
})
