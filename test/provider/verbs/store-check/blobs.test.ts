import { cpSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, storeCheck, untag, verify } from '../../../../provider/index.js'
import { scratch } from '../../../scratch.js'
import { filesIn } from '../on-disk.js'
import { blobsOf, fileOf, HARM, harm, storeToDamage } from './damaged-store.js'

describe('store check, of blobs', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  it('finds nothing wrong with a store that is whole, and changes nothing', async () => {
    const { store } = await storeToDamage(folders)
    const before = filesIn(store)
    const found = await storeCheck({ store, repair: true })
    expect(found).to.deep.include({ ok: true, problems: [], leftovers: [], notes: [], broughtBytes: 0 })
    expect(found.blobs).to.equal(7)
    expect(filesIn(store)).to.deep.equal(before)
  })

  it('is well where nothing is yet, and makes nothing', async () => {
    const store = path.join(folders.folder(), 'none')
    expect((await storeCheck({ store, repair: true })).ok).to.equal(true)
    expect(filesIn(path.dirname(store))).to.deep.equal({})
  })

  it('refuses a folder of something else', async () => {
    const store = folders.folder()
    writeFileSync(path.join(store, 'letter.txt'), 'dear')
    const code = await storeCheck({ store, repair: true }).catch((error) => error.code)
    expect(code).to.equal('LAYOUT_INVALID')
    expect(Object.keys(filesIn(store))).to.deep.equal(['letter.txt'])
  })

  for (const [how, { code }] of Object.entries(HARM))
    it(`tells of a blob that is ${how}, says who needs it and who has it, and brings it back`, async () => {
      const { store, layout, own, shared } = await storeToDamage(folders)
      for (const digest of [own, shared]) harm(how, fileOf(store, digest))
      const alone = await storeCheck({ store })
      expect(alone.ok).to.equal(false)
      expect(
        alone.problems.map(({ code, digest, neededBy, from }) => ({ code, digest, neededBy, from })),
      ).to.deep.equal([
        { code, digest: shared, neededBy: ['demo:1.0', 'demo:2.0', 'demo:latest'], from: [] },
        { code, digest: own, neededBy: ['demo:1.0'], from: [] },
      ])
      expect(alone.notes.join('\n')).to.include('`from`')
      const before = blobsOf(store)
      const would = await storeCheck({ store, from: [layout], repair: true, whatIf: true })
      expect(would.problems.map(({ from, repaired }) => ({ from, repaired }))).to.deep.equal([
        { from: [layout], repaired: true },
        { from: [layout], repaired: true },
      ])
      expect(would.ok).to.equal(false)
      expect(blobsOf(store)).to.deep.equal(before)
      const repaired = await storeCheck({ store, from: [layout], repair: true })
      expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
      expect(repaired.broughtBytes).to.equal(
        [own, shared].reduce((sum, digest) => sum + readFileSync(fileOf(layout, digest)).length, 0),
      )
      expect((await verify({ store })).problems).to.deep.equal([])
      expect((await storeCheck({ store })).problems).to.deep.equal([])
    })

  it('does not believe what is noted of a blob whose bytes rotted under it', async () => {
    const { store, layout, own } = await storeToDamage(folders)
    const file = fileOf(store, own)
    harm('altered', file)
    // As if the disk had changed it: the marks are those that it has now.
    const { ino, size, mtimeNs, ctimeNs } = lstatSync(file, { bigint: true })
    const noted = JSON.parse(readFileSync(path.join(store, 'checked.json'), 'utf8'))
    noted.blobs[own] = `${size} ${mtimeNs} ${ctimeNs} ${ino}`
    writeFileSync(path.join(store, 'checked.json'), JSON.stringify(noted))
    expect((await storeCheck({ store })).problems.map(({ digest }) => digest)).to.deep.equal([own])
    // Now the store knows, and an install brings it as well.
    await install({ targets: [layout], store })
    expect((await storeCheck({ store })).ok).to.equal(true)
  })

  for (const how of ['altered', 'missing', 'cut short'])
    it(`brings a manifest back that is ${how}, and what was missing below it`, async () => {
      const { store, layout, manifest, own } = await storeToDamage(folders)
      for (const digest of [manifest, own]) harm(how, fileOf(store, digest))
      const alone = await storeCheck({ store })
      expect(alone.problems.map(({ digest }) => digest)).to.include(manifest)
      const repaired = await storeCheck({ store, from: [layout], repair: true })
      expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
      expect((await verify({ store })).problems).to.deep.equal([])
      expect(await get({ store })).to.have.length(3)
    })

  it('names an image whose manifest is nowhere, and leaves it to the user to take it away', async () => {
    const { store, manifest } = await storeToDamage(folders)
    harm('missing', fileOf(store, manifest))
    const { ok, problems, notes } = await storeCheck({ store, repair: true })
    expect(ok).to.equal(false)
    expect(problems).to.have.length(1)
    expect(problems[0]).to.include({ code: 'BLOB_MISSING', digest: manifest, repaired: false })
    expect(notes.join('\n')).to.include('untag').and.include('demo:1.0')
    await untag({ store, name: 'demo:1.0' })
    expect((await storeCheck({ store })).ok).to.equal(true)
  })

  it('takes nothing from a place whose own copy is damaged, and asks the next', async () => {
    const { store, layout, own } = await storeToDamage(folders)
    const other = path.join(folders.folder(), 'other')
    cpSync(layout, other, { recursive: true })
    harm('missing', fileOf(store, own))
    harm('altered', fileOf(other, own))
    expect((await storeCheck({ store, from: [other], repair: true })).ok).to.equal(false)
    expect((await storeCheck({ store })).problems.map(({ code }) => code)).to.deep.equal(['BLOB_MISSING'])
    expect((await storeCheck({ store, from: [other, layout], repair: true })).ok).to.equal(true)
  })

  it('removes what is damaged and no image needs, and says so', async () => {
    const { store } = await storeToDamage(folders)
    const stray = `sha256:${'a'.repeat(64)}`
    writeFileSync(fileOf(store, stray), 'stray')
    const { problems } = await storeCheck({ store })
    expect(problems).to.have.length(1)
    expect(problems[0]).to.deep.include({ digest: stray, neededBy: [], repaired: false })
    const repaired = await storeCheck({ store, repair: true })
    expect(repaired.ok).to.equal(true)
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('leaves a folder with something in it that lies in the place of a blob', async () => {
    const { store, layout, own } = await storeToDamage(folders)
    harm('an empty folder', fileOf(store, own))
    writeFileSync(path.join(fileOf(store, own), 'notes.txt'), 'mine')
    const result = await storeCheck({ store, from: [layout], repair: true }).catch((error) => error)
    expect(result.ok).to.not.equal(true)
    expect(readFileSync(path.join(fileOf(store, own), 'notes.txt'), 'utf8')).to.equal('mine')
  })

  it('tells of leftovers, removes what no run can use, and leaves what it does not know', async () => {
    const { store } = await storeToDamage(folders)
    const at = (name: string): string => path.join(store, 'ingest', name)
    mkdirSync(path.join(store, 'ingest'), { recursive: true })
    const part = `sha256-${'b'.repeat(64)}`
    const made = `made-${'c'.repeat(64)}`
    for (const name of [part, made, 'holiday.jpg']) writeFileSync(at(name), 'bytes')
    const kinds = ({ leftovers }: Awaited<ReturnType<typeof storeCheck>>) =>
      Object.fromEntries(
        leftovers.map(({ path: file, kind, removed }) => [path.basename(file), `${kind} ${removed}`]),
      )
    expect(kinds(await storeCheck({ store, whatIf: true }))).to.deep.equal({
      [part]: 'part false',
      [made]: 'useless false',
      'holiday.jpg': 'unknown false',
    })
    expect(kinds(await storeCheck({ store, repair: true }))).to.deep.equal({
      [part]: 'part false',
      [made]: 'useless true',
      'holiday.jpg': 'unknown false',
    })
    expect((await storeCheck({ store })).leftovers).to.have.length(2)
  })
})
