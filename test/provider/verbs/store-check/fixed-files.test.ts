import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, prune, storeCheck, verify } from '../../../../provider/index.js'
import { scratch } from '../../../scratch.js'
import { filesIn } from '../on-disk.js'
import { blobsOf, harm, storeToDamage } from './damaged-store.js'

describe('store check, of the fixed files of a store', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  async function names(store: string): Promise<string[]> {
    return (await get({ store })).map(({ repository, tag }) => `${repository}:${tag}`).sort()
  }

  for (const how of ['missing', 'empty', 'cut short', 'altered', 'a link to nothing'])
    it(`makes the index again that is ${how}, with the names that a source tells`, async () => {
      const { store, layout } = await storeToDamage(folders)
      const file = path.join(store, 'index.json')
      if (how === 'altered')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"manifests"', '"mani_fests"'))
      else harm(how, file)
      const found = await storeCheck({ store })
      expect(found.ok).to.equal(false)
      expect(found.problems[0]).to.include({ path: file, repaired: false })
      const repaired = await storeCheck({ store, repair: true, from: [layout] })
      expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
      expect(await names(store)).to.deep.equal(['demo:1.0', 'demo:2.0'])
      expect((await verify({ store })).problems).to.deep.equal([])
      expect((await prune({ store })).removed).to.deep.equal([])
      const isKept = existsSync(path.join(store, 'index.json.damaged'))
      expect(isKept).to.equal(!['missing', 'a link to nothing'].includes(how))
    })

  it('keeps a damaged index once, also where a repair was stopped that had given it its other name', async () => {
    const { store, layout } = await storeToDamage(folders)
    const file = path.join(store, 'index.json')
    writeFileSync(file, 'damaged')
    linkSync(file, `${file}.damaged`)
    const { notes } = await storeCheck({ store, repair: true, from: [layout] })
    expect(notes).to.deep.equal([`The damaged index was kept as ${file}.damaged.`])
    expect(readFileSync(`${file}.damaged`, 'utf8')).to.equal('damaged')
    writeFileSync(file, 'damaged again')
    await storeCheck({ store, repair: true, from: [layout] })
    expect(readdirSync(store).filter((name) => name.startsWith('index.json'))).to.deep.equal([
      'index.json',
      'index.json.damaged',
      'index.json.damaged-2',
    ])
    expect(await names(store)).to.deep.equal(['demo:1.0', 'demo:2.0'])
  })

  it('takes the names from the receipts of the store where no source is named', async () => {
    const { store, layout } = await storeToDamage(folders)
    await install({ targets: [layout], store, receipt: folders.folder() })
    rmSync(path.join(store, 'index.json'))
    const { ok, notes } = await storeCheck({ store, repair: true })
    expect(ok).to.equal(true)
    expect(notes).to.deep.equal([])
    expect(await names(store)).to.deep.equal(['demo:1.0', 'demo:2.0'])
  })

  it('keeps images of which nobody knows the names, and says how they get some', async () => {
    const { store } = await storeToDamage(folders)
    const before = blobsOf(store)
    rmSync(path.join(store, 'index.json'))
    const { ok, notes } = await storeCheck({ store, repair: true })
    expect(ok).to.equal(true)
    expect(notes).to.have.length(2)
    expect((await prune({ store })).removed).to.deep.equal([])
    expect(blobsOf(store)).to.deep.equal(before)
  })

  for (const how of ['missing', 'empty', 'altered'])
    it(`writes the layout file again that is ${how}`, async () => {
      const { store } = await storeToDamage(folders)
      const whole = filesIn(store)
      const file = path.join(store, 'oci-layout')
      if (how === 'altered') writeFileSync(file, '{"imageLayoutVersion":"7.0"}')
      else harm(how, file)
      expect((await storeCheck({ store })).problems.map((one) => one.path)).to.deep.equal([file])
      expect((await storeCheck({ store, repair: true })).ok).to.equal(true)
      expect(filesIn(store)).to.deep.equal(whole)
    })

  it('is not led astray by a list of checked blobs that is torn or lies', async () => {
    const { store, layout, own } = await storeToDamage(folders)
    for (const text of [
      '',
      '{"checkedVersion":1,"blobs":',
      '{"checkedVersion":1,"blobs":{"sha256:x":"1"}}',
    ]) {
      writeFileSync(path.join(store, 'checked.json'), text)
      harm('altered', path.join(store, 'blobs', 'sha256', own.slice(7)))
      expect((await storeCheck({ store })).problems.map(({ digest }) => digest)).to.deep.equal([own])
      expect((await storeCheck({ store, repair: true, from: [layout] })).ok).to.equal(true)
    }
  })
})
