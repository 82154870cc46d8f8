import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type DeltaList, parseInventory } from '../../../../manifests/index.js'
import { find, get, install, inventory, type SaveRequest, save, verify } from '../../../../provider/index.js'
import { growingLayouts } from '../../../fixtures/growing-layouts.js'
import { addIndex, makeLayout, writeIndex } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

const BASE = 3_000_000
const CHANGE = 1_500_000
/** What documents, headers and lists of a delta may take. */
const SLACK = 1_000_000

/** Every form that a save has which can leave blobs out. */
const FORMS: { name: string; request: Partial<SaveRequest>; target: string }[] = [
  { name: 'an archive', request: {}, target: 'base-1-1.tar' },
  { name: 'a media', request: { format: 'media' }, target: '.' },
  { name: 'volumes', request: { volumeSize: 1_100_000 }, target: '.' },
  { name: 'a zip', request: { format: 'zip' }, target: 'base-1-1.zip' },
]

describe('a delta', () => {
  const temporary = scratch()
  let folder: string
  let layouts: string[]

  before(() => {
    folder = temporary.folder()
    layouts = growingLayouts(folder, { base: BASE, change: CHANGE })
  })
  after(() => temporary.remove())

  function storeAt(name: string): string {
    return path.join(folder, 'stores', name)
  }

  async function storeWith(name: string, ...versions: number[]): Promise<string> {
    const store = storeAt(name)
    await install({ store, targets: versions.map((i) => layouts[i] ?? '') })
    return store
  }

  async function inventoryOf(store: string, name: string): Promise<string> {
    const file = path.join(folder, name)
    await inventory({ store, path: file, force: true })
    return file
  }

  function usb(name: string): string {
    const place = path.join(folder, name)
    mkdirSync(place, { recursive: true })
    return place
  }

  for (const { name, request, target } of FORMS)
    describe(`as ${name}`, () => {
      const own = name.replace(' ', '-')

      it('carries what an inventory lacks, and installs where the base is', async () => {
        const store = await storeWith(own, 0)
        const base = await inventoryOf(store, `${own}.json`)
        const stick = usb(`${own}-stick`)
        const saved = await save({ names: [layouts[1] ?? ''], path: stick, base: [base], ...request })
        expect(sizeBelow(stick)).to.be.below(CHANGE + SLACK)
        expect(saved.delta?.savedBytes).to.be.within(BASE, BASE + 10_000)
        expect(saved.delta?.bases.map((one) => one.name)).to.deep.equal([`${own}.json`])
        await install({ store, targets: [path.join(stick, target)] })
        expect((await verify({ store })).problems).to.deep.equal([])
        const tags = (await get({ store })).map((image) => `${image.repository}:${image.tag}`)
        expect(tags).to.include.members(['base:1.0', 'base:1.1', 'base:latest'])
      })

      it('installs again by force, and is refused where what it leaves out is damaged in the store', async () => {
        const store = storeAt(own)
        const again = { store, targets: [path.join(folder, `${own}-stick`, target)], force: true }
        const [carried, left] = layersOf(layouts[1] ?? '').reverse()
        damage(store, carried ?? '')
        await install(again)
        expect((await verify({ store })).problems).to.deep.equal([])
        damage(store, left ?? '')
        const error = await failure(install(again), 'BASE_MISSING')
        expect(error.found).to.contain('damaged')
        await install({ store, targets: [layouts[0] ?? ''], force: true })
        expect((await verify({ store })).problems).to.deep.equal([])
      })

      it('is refused where the base is not, by the digests and the images that have them, and changes nothing', async () => {
        const store = storeAt(`${own}-wrong`)
        const stick = path.join(folder, `${own}-stick`)
        const error = await failure(install({ store, targets: [path.join(stick, target)] }), 'BASE_MISSING')
        expect(error.message).to.contain(`${own}.json`)
        expect(error.remedy).to.contain('base 1.0')
        const { missing } = error.details as { missing: DeltaList['missing'] }
        expect(missing.map(({ inBase }) => inBase)).to.deep.equal([['base 1.0']])
        expect(missing[0]?.size).to.be.within(BASE, BASE + 10_000)
        expect(await get({ store })).to.deep.equal([])
        await failure(install({ store, targets: [path.join(stick, target)], whatIf: true }), 'BASE_MISSING')
      })

      it('is shown as one by find, and verified without what it leaves out', async () => {
        const stick = path.join(folder, `${own}-stick`)
        const { images } = await find({ source: stick })
        expect(images.map((image) => image.summary).join()).to.contain(`a delta against ${own}.json`)
        const checked = await verify({ paths: [path.join(stick, target)] })
        expect(checked.problems).to.deep.equal([])
        if (name !== 'volumes') expect(checked.leftOut?.blobs).to.equal(1)
      })
    })

  it('leaves out what all of several bases have, and no more', async () => {
    const both = await storeWith('both', 0, 1)
    const one = await storeWith('one', 0)
    const bases = [await inventoryOf(both, 'both.json'), await inventoryOf(one, 'one.json')]
    const file = path.join(usb('several'), 'delta.tar')
    await save({ names: [layouts[2] ?? ''], path: file, base: bases })
    expect(statSync(file).size).to.be.within(2 * CHANGE, 2 * CHANGE + SLACK)
    for (const store of [both, one]) {
      await install({ store, targets: [file] })
      expect((await verify({ store })).problems).to.deep.equal([])
    }
  })

  it('has an archive or a media of an earlier stick as its base, also one that was a delta itself', async () => {
    const stick = usb('earlier')
    await save({ names: [layouts[0] ?? ''], path: path.join(stick, 'first.tar') })
    await save({
      names: [layouts[1] ?? ''],
      path: path.join(stick, 'media'),
      format: 'media',
      force: true,
      base: [path.join(stick, 'first.tar')],
    })
    const third = path.join(stick, 'third.tar')
    const saved = await save({ names: [layouts[2] ?? ''], path: third, base: [path.join(stick, 'media')] })
    expect(saved.delta?.bases.map((base) => base.name)).to.deep.equal(['media'])
    expect(statSync(third).size).to.be.below(CHANGE + SLACK)
    const store = storeAt('earlier')
    for (const target of ['first.tar', 'media', 'third.tar'])
      await install({ store, targets: [path.join(stick, target)] })
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('comes in one run with the archive that has its base, whichever of them is read first', async () => {
    const base = await inventoryOf(await storeWith('together', 0), 'together.json')
    for (const [whole, delta] of [['a.tar', 'b.tar'] as const, ['b.tar', 'a.tar'] as const]) {
      const stick = usb(`together-${delta}`)
      await save({ names: [layouts[0] ?? ''], path: path.join(stick, whole) })
      await save({ names: [layouts[1] ?? ''], path: path.join(stick, delta), base: [base] })
      for (const force of [false, true]) {
        const store = storeAt(`together-${delta}-${force}`)
        await install({ store, targets: ['base'], source: stick, allVersions: true, force })
        expect((await verify({ store })).problems).to.deep.equal([])
        expect((await get({ store })).map(({ tag }) => tag)).to.include.members(['1.0', '1.1'])
      }
    }
  })

  it('becomes whole where it is saved on together with the archive that has its base', async () => {
    const base = await inventoryOf(await storeWith('joined', 0), 'joined.json')
    const stick = usb('joined')
    const [whole, delta, media] = ['whole.tar', 'delta.tar', 'media'].map((name) => path.join(stick, name))
    await save({ names: [layouts[0] ?? ''], path: whole ?? '' })
    await save({ names: [layouts[1] ?? ''], path: delta ?? '', base: [base] })
    for (const names of [
      [delta ?? '', whole ?? ''],
      [whole ?? '', delta ?? ''],
    ]) {
      await save({ names, path: media ?? '', format: 'media', force: true })
      expect(existsSync(path.join(media ?? '', 'delta.json'))).to.equal(false)
      const store = storeAt(`joined-${path.basename(names[0] ?? '')}`)
      await install({ store, targets: [media ?? ''] })
      expect((await verify({ store })).problems).to.deep.equal([])
      rmSync(media ?? '', { recursive: true })
    }
  })

  it('tells what is missing, too, where another process removes it while the rest comes', async () => {
    const store = await storeWith('removed', 0)
    const base = await inventoryOf(store, 'removed.json')
    const file = path.join(usb('removed'), 'delta.tar')
    await save({ names: [layouts[1] ?? ''], path: file, base: [base] })
    const onProgress = ({ type }: { type: string }): void => {
      const [lower = ''] = layersOf(layouts[0] ?? '')
      if (type === 'begin') rmSync(path.join(store, 'blobs', ...lower.split(':')), { force: true })
    }
    const error = await failure(install({ store, targets: [file], onProgress }), 'BASE_MISSING')
    expect(error.remedy).to.contain('base 1.0')
    expect((await get({ store })).map(({ tag }) => tag)).not.to.include('1.1')
  })

  it('of all platforms leaves out for each what it has, foreign layers too, and a layer that two share once', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }))
    const shared = { files: { shared: randomBytes(400_000) } }
    const foreign = {
      files: { foreign: randomBytes(400_000) },
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      urls: ['https://example.invalid/layer'],
    }
    const own = platforms.map(() => ({ files: { own: randomBytes(400_000) } }))
    const versions = [[], [{ files: { change: randomBytes(300_000) } }]].map((change, i) => {
      const layout = path.join(folder, `platforms-${i}`)
      const manifests = makeLayout(
        layout,
        platforms.map((platform, at) => ({
          platform,
          layers: [shared, foreign, own[at] ?? shared, ...change],
        })),
      )
      const root = addIndex(layout, manifests)
      writeIndex(layout, [{ ...root, annotations: { [ANNOTATIONS.refName]: `multi:1.${i}` } }])
      return layout
    })
    const store = storeAt('platforms')
    await install({ store, targets: [versions[0] ?? ''], allPlatforms: true })
    const base = await inventoryOf(store, 'platforms.json')
    const file = path.join(usb('platforms'), 'delta.tar')
    const saved = await save({ names: [versions[1] ?? ''], path: file, base: [base], allPlatforms: true })
    expect(Math.round((saved.delta?.savedBytes ?? 0) / 400_000)).to.equal(4)
    expect(statSync(file).size).to.be.below(400_000)
    await install({ store, targets: [file], allPlatforms: true, force: true })
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('is the same file for the same images and bases, so that a lost stick is built again', async () => {
    const store = await storeWith('lost', 0)
    const base = await inventoryOf(store, 'lost.json')
    const [one, two] = [path.join(usb('lost'), 'one.tar'), path.join(usb('lost'), 'two.tar')]
    await save({ names: [layouts[1] ?? ''], path: one, base: [base] })
    await save({ names: [layouts[1] ?? ''], path: two, base: [base] })
    expect(readFileSync(one).equals(readFileSync(two))).to.equal(true)
  })

  it('is a whole save where nothing of it is in the base', async () => {
    const base = await inventoryOf(storeAt('empty'), 'empty.json')
    const file = path.join(usb('whole'), 'whole.tar')
    const saved = await save({ names: [layouts[0] ?? ''], path: file, base: [base] })
    expect(saved.delta).to.equal(undefined)
    expect(statSync(file).size).to.be.above(BASE)
  })

  it('becomes whole on a media when what it left out comes after all', async () => {
    const store = await storeWith('whole', 0)
    const base = await inventoryOf(store, 'whole.json')
    const media = usb('media-whole')
    await save({ names: [layouts[1] ?? ''], path: media, format: 'media', base: [base] })
    expect(existsSync(path.join(media, 'delta.json'))).to.equal(true)
    expect(readFileSync(path.join(media, 'index.html'), 'utf8')).to.contain('whole.json')
    await save({ names: [layouts[1] ?? ''], path: media })
    expect(existsSync(path.join(media, 'delta.json'))).to.equal(false)
    const fresh = storeAt('fresh')
    await install({ store: fresh, targets: [media] })
    expect((await verify({ store: fresh, paths: [media] })).problems).to.deep.equal([])
  })

  it('saves a delta on, which stays one', async () => {
    const store = await storeWith('on', 0)
    const base = await inventoryOf(store, 'on.json')
    const first = path.join(usb('on'), 'first.tar')
    const second = path.join(usb('on'), 'second.tar')
    await save({ names: [layouts[1] ?? ''], path: first, base: [base] })
    await save({ names: [first], path: second })
    await install({ store, targets: [second] })
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('whose list was changed to hide what is missing brings nothing into the store', async () => {
    const media = usb('hidden')
    const base = await inventoryOf(await storeWith('hidden', 0), 'hidden.json')
    await save({ names: [layouts[1] ?? ''], path: media, format: 'media', base: [base] })
    const list = JSON.parse(readFileSync(path.join(media, 'delta.json'), 'utf8')) as DeltaList
    writeFileSync(path.join(media, 'delta.json'), JSON.stringify({ ...list, missing: [] }))
    const store = storeAt('hidden-target')
    const error = await install({ store, targets: [media] }).catch((reason) => reason)
    expect(error.code).to.be.oneOf(['BLOB_MISSING', 'PATH_NOT_FOUND'])
    expect(await get({ store })).to.deep.equal([])
  })

  it('is refused in forms that cannot be one, and a way of making it without a base', async () => {
    const base = [path.join(folder, 'lost.json')]
    const target = { names: [layouts[1] ?? ''], path: usb('forms') }
    await failure(save({ ...target, format: 'wim', base }), 'USAGE')
    await failure(save({ ...target, format: 'docker-archive', base, delta: 'blocks' }), 'USAGE')
    await failure(save({ ...target, delta: 'blocks' }), 'USAGE')
  })

  for (const hostile of ['../../etc/passwd', 'sha256:..', 'md5:00', ''])
    it(`refuses a list that names ${JSON.stringify(hostile)} as a blob`, async () => {
      const media = usb(`hostile-${FORMS.length}-${hostile.length}`)
      await save({ names: [layouts[0] ?? ''], path: media, format: 'media' })
      const missing = [{ digest: hostile, size: 1, neededBy: [], inBase: [] }]
      writeFileSync(path.join(media, 'delta.json'), JSON.stringify({ deltaVersion: 1, bases: [], missing }))
      const store = storeAt('hostile')
      await failure(install({ store, targets: [media] }), 'INVALID_DOCUMENT')
      rmSync(media, { recursive: true })
    })
})

describe('an inventory', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('says which blobs, layers and images there are, and nothing of the host', async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    const store = path.join(folder, 'store')
    await install({ store, targets: [layout] })
    const file = path.join(folder, 'plant.json')
    await inventory({ store, path: file })
    const text = readFileSync(file, 'utf8')
    expect(text).not.to.contain(folder)
    const read = parseInventory(Buffer.from(text))
    expect(read.host).to.equal(undefined)
    expect(read.blobs).to.have.length(3)
    expect(read.images.map(({ name, version, tags }) => ({ name, version, tags }))).to.deep.equal([
      { name: 'base', version: '1.0', tags: ['base:1.0', 'base:latest'] },
    ])
    expect(read.images[0]?.layers[0]?.diffId).to.match(/^sha256:/)
    const again = await inventory({ store, host: 'plant-7' })
    expect(again.inventory.id).to.equal(read.id)
    expect(again.inventory.host).to.equal('plant-7')
    await failure(inventory({ store, path: file }), 'FILE_EXISTS')
  })

  it('that was changed by hand is refused', async () => {
    const folder = temporary.folder()
    const file = path.join(folder, 'plant.json')
    await inventory({ store: path.join(folder, 'none'), path: file })
    const text = readFileSync(file, 'utf8')
    const digest = `sha256:${'0'.repeat(64)}`
    writeFileSync(file, text.replace('"blobs": []', `"blobs": [{"digest":"${digest}","size":1}]`))
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    await failure(save({ names: [layout], path: folder, base: [file] }), 'INVALID_DOCUMENT')
    expect(readdirSync(folder).sort()).to.deep.equal(['layout', 'plant.json'])
  })
})

/** The digests of the layers of a layout's one image, the lowest first. */
function layersOf(layout: string): string[] {
  const read = (file: string) => JSON.parse(readFileSync(path.join(layout, file), 'utf8'))
  const blob = (digest: string): string => path.join('blobs', ...digest.split(':'))
  const { layers } = read(blob(read('index.json').manifests[0].digest))
  return layers.map(({ digest }: { digest: string }) => digest)
}

/** Changes one byte of a blob. */
function damage(store: string, digest: string): void {
  const file = path.join(store, 'blobs', ...digest.split(':'))
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
  rmSync(file)
  writeFileSync(file, bytes)
}

function sizeBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)
}
