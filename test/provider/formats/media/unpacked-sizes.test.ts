import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, save, untag, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

describe('the unpacked sizes of a media', () => {
  const temporary = scratch()
  let stick: string

  beforeEach(async () => {
    stick = path.join(temporary.folder(), 'stick')
    await save({ names: [layoutOf('one:1', 3000)], path: stick, format: 'media', force: true })
  })
  afterEach(() => temporary.remove())

  function layoutOf(refName: string, bytes: number): string {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName, layers: [{ files: { base: 500 } }, { files: { content: bytes } }] }])
    return layout
  }

  const sizes = async (store = stick): Promise<Record<string, number | undefined>> => {
    const rows = await get({ store })
    return Object.fromEntries(rows.map(({ repository, unpackedSize }) => [repository, unpackedSize]))
  }
  const list = () => path.join(stick, 'media.json')

  it('are those that the store has after an install of it', async () => {
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [stick], store })
    expect(await sizes()).to.deep.equal({ one: 3500 })
    expect(await sizes(store)).to.deep.equal({ one: 3500 })
  })

  it('stay known when another image is saved on it, and when a name is taken away', async () => {
    await save({ names: [layoutOf('two:1', 100)], path: stick, format: 'media' })
    expect(await sizes()).to.deep.equal({ one: 3500, two: 600 })
    await untag({ name: 'one:1', store: stick })
    expect(await sizes()).to.deep.equal({ two: 600 })
    expect((await verify({ paths: [stick] })).ok).to.equal(true)
  })

  it('are left out where its list is lost, broken or says nothing of them, as that of an older version', async () => {
    const bytes = readFileSync(list(), 'utf8')
    const others = [
      bytes.replace(/,\s*"unpackedSize": \d+/g, ''),
      bytes.slice(0, 50),
      bytes.replace(/"unpackedSize": 3000/, '"unpackedSize": -1'),
    ]
    for (const other of others) {
      expect(other).not.to.equal(bytes)
      writeFileSync(list(), other)
      expect(await sizes()).to.deep.equal({ one: undefined })
    }
    rmSync(list())
    expect(await sizes()).to.deep.equal({ one: undefined })
  })

  it('are measured again by the next save of the image itself', async () => {
    const layout = layoutOf('three:1', 200)
    await save({ names: [layout], path: stick, format: 'media' })
    writeFileSync(list(), readFileSync(list(), 'utf8').replace(/,\s*"unpackedSize": \d+/g, ''))
    await save({ names: [layout], path: stick, format: 'media' })
    expect(await sizes()).to.deep.equal({ one: undefined, three: 700 })
  })
})
