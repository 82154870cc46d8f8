import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { INDEX_FILE } from '../../manifests/index.js'
import {
  install,
  mirrorConfig,
  prune,
  save,
  setMirrors,
  tag,
  uninstall,
  untag,
  verify,
} from '../../provider/index.js'
import { addLayered } from '../fixtures/layered-image.js'
import { makeLayout } from '../fixtures/layout.js'
import { tar } from '../fixtures/tar.js'
import { failure } from '../provider/verbs/failure.js'
import { WINDOWS_LAYERS } from '../provider/verbs/windows-layers.js'
import { scratch } from '../scratch.js'
import { listing } from './attack.js'
import { type Victim, victim } from './victim.js'

describe('links in place of the folders of a media or a store', () => {
  const fixtures = scratch()
  const temporary = scratch()
  let layouts: string[]
  let whole: string
  let media: string
  let store: string
  let user: Victim

  before(async function () {
    if (process.platform === 'win32') this.skip()
    const folder = fixtures.folder()
    layouts = ['1.0', '2.0'].map((version) => {
      const layout = path.join(folder, version)
      makeLayout(layout, [{ refName: `base:${version}`, layers: [{ files: { file: version } }] }])
      return layout
    })
    whole = path.join(folder, 'media')
    mkdirSync(whole)
    await save({ names: layouts.slice(0, 1), path: whole, format: 'media' })
  })
  beforeEach(() => {
    const folder = temporary.folder()
    media = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    cpSync(whole, media, { recursive: true })
    user = victim(path.join(folder, 'user'))
  })
  afterEach(() => temporary.remove())
  after(() => fixtures.remove())

  const [first, second] = [() => layouts[0] ?? '', () => layouts[1] ?? '']

  /** Every verb that writes to a layout, or removes from it. */
  const VERBS: Record<string, () => Promise<unknown>> = {
    'save onto it': () => save({ names: [second()], path: media, format: 'media', store }),
    'save onto it what is there': () => save({ names: [first()], path: media, store }),
    'save onto it with force': () =>
      save({ names: [first()], path: media, format: 'media', force: true, store }),
    'install into it': () => install({ targets: [second()], store: media }),
    'install again into it': () => install({ targets: [first()], store: media, force: true }),
    'uninstall from it': () => uninstall({ name: 'base', allVersions: true, store: media }),
    'prune it': () => prune({ store: media }),
    'tag in it': () => tag({ from: 'base:1.0', to: 'base:other', store: media }),
    'untag in it': () => untag({ name: 'base:1.0', store: media }),
  }

  for (const [verb, run] of Object.entries(VERBS))
    it(`are refused by name before anything is written or removed: ${verb}`, async () => {
      for (const name of ['ingest', 'blobs', 'blobs/sha256', 'blobs/sha512'])
        for (const target of [user.folder, path.join(user.folder, 'none'), '../user', user.file]) {
          const place = path.join(media, name)
          const kept = `${place}.kept`
          if (existsSync(place)) renameSync(place, kept)
          symlinkSync(target, place)
          const before = [user.facts(), listing(media), listing(path.dirname(media))]
          const error = await failure(run(), 'IN_THE_WAY')
          expect(error.message, name).to.equal(`${place} is a link.`)
          expect(error.found, name).to.equal(`a link to ${target}`)
          expect([user.facts(), listing(media), listing(path.dirname(media))], name).to.deep.equal(before)
          rmSync(place)
          if (existsSync(kept)) renameSync(kept, place)
        }
    })

  it('are refused where they lead to the blobs of another store, which loses none', async () => {
    await install({ targets: [first(), second()], store })
    rmSync(path.join(media, 'blobs'), { recursive: true })
    symlinkSync(path.join(store, 'blobs'), path.join(media, 'blobs'))
    for (const run of Object.values(VERBS)) await failure(run(), 'IN_THE_WAY')
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('are refused in a folder that is to become a media or a store', async () => {
    const folder = temporary.folder()
    symlinkSync(user.folder, path.join(folder, 'ingest'))
    const before = user.facts()
    await failure(save({ names: [first()], path: folder, format: 'media', store }), 'IN_THE_WAY')
    await failure(install({ targets: [first()], store: folder }), 'IN_THE_WAY')
    await failure(prune({ store: folder }), 'IN_THE_WAY')
    expect(readdirSync(folder)).to.deep.equal(['ingest'])
    expect(user.facts()).to.deep.equal(before)
  })

  it('are refused as receipts before anything is installed, and in place of a log are replaced', async () => {
    symlinkSync(user.folder, path.join(media, 'receipts'))
    const before = user.facts()
    const installing = () => install({ targets: [media], store, receipt: media })
    const error = await failure(installing(), 'IN_THE_WAY')
    expect(error.message).to.contain(path.join(media, 'receipts'))
    expect(existsSync(path.join(store, INDEX_FILE))).to.equal(false)
    rmSync(path.join(media, 'receipts'))
    await installing()
    const [log = ''] = readdirSync(path.join(media, 'receipts'))
    rmSync(path.join(media, 'receipts', log))
    symlinkSync(path.join(user.folder, 'none'), path.join(media, 'receipts', log))
    await installing()
    expect(lstatSync(path.join(media, 'receipts', log)).isFile()).to.equal(true)
    expect(user.facts()).to.deep.equal(before)
  })

  it('are refused where volumes arrive one by one, or are repaired', async () => {
    const stick = path.join(temporary.folder(), 'volumes')
    mkdirSync(stick)
    const large = path.join(temporary.folder(), 'large')
    makeLayout(large, [
      { refName: 'large:1.0', layers: [{ files: { file: 2_500_000 }, compression: 'none' }] },
    ])
    await save({ names: [large], path: stick, volumeSize: 1_100_000, recovery: 0.6, store })
    const volumes = readdirSync(stick)
      .filter((name) => name.endsWith('.tar'))
      .sort()
    rmSync(path.join(stick, volumes[1] ?? ''))
    const alone = path.join(temporary.folder(), volumes[0] ?? '')
    cpSync(path.join(stick, volumes[0] ?? ''), alone)
    await failure(install({ targets: [alone], store }), 'VOLUME_MISSING')
    const [set = ''] = readdirSync(path.join(store, 'ingest'))
    const before = user.facts()
    for (const name of [set, `${set}/blobs`, `${set}/blobs/sha256`]) {
      rmSync(path.join(store, 'ingest', set), { recursive: true })
      mkdirSync(path.dirname(path.join(store, 'ingest', name)), { recursive: true })
      symlinkSync(user.folder, path.join(store, 'ingest', name))
      await failure(install({ targets: [alone], store }), 'IN_THE_WAY')
      expect(user.facts(), name).to.deep.equal(before)
    }
    rmSync(path.join(store, 'ingest', set), { recursive: true })
    mkdirSync(path.join(store, 'ingest', set))
    symlinkSync(user.folder, path.join(store, 'ingest', set, 'repaired'))
    await failure(install({ targets: [stick], store }), 'IN_THE_WAY')
    expect(user.facts()).to.deep.equal(before)
  })

  it('are refused where images are laid out beside a store', async () => {
    const layout = path.join(temporary.folder(), 'nano')
    addLayered(layout, {
      ...{ name: 'NanoServer', version: '10.0.14300.1010', publisher: 'Contoso' },
      platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.14300.1010' },
      layers: WINDOWS_LAYERS.map((members) => ({ tar: tar(...members) })),
    })
    const images = path.join(path.dirname(store), 'images')
    const before = user.facts()
    symlinkSync(user.folder, images)
    await failure(install({ targets: [layout], store, expand: true }), 'IN_THE_WAY')
    expect(user.facts()).to.deep.equal(before)
    rmSync(images)
    await install({ targets: [layout], store, expand: true })
    const moved = path.join(user.folder, 'images')
    renameSync(images, moved)
    symlinkSync(moved, images)
    const laidOut = user.facts()
    await failure(uninstall({ name: 'NanoServer', store }), 'IN_THE_WAY')
    expect(user.facts()).to.deep.equal(laidOut)
    rmSync(moved, { recursive: true })
    await uninstall({ name: 'NanoServer', store })
    expect(user.facts()).to.deep.equal(before)
  })

  it('are refused below the folder that configurations are written to', async () => {
    const before = process.env.CONTAINERIMAGE_CONFIG_DIR
    process.env.CONTAINERIMAGE_CONFIG_DIR = temporary.folder()
    try {
      await setMirrors({ registry: 'docker.io', urls: ['https://mirror.example'] })
      for (const engine of ['docker', 'containerd', 'podman'] as const) {
        const output = temporary.folder()
        symlinkSync(user.folder, path.join(output, 'etc'))
        await failure(mirrorConfig({ engine, output, force: true }), 'IN_THE_WAY')
        rmSync(path.join(output, 'etc'))
        expect((await mirrorConfig({ engine, output })).files).not.to.have.length(0)
      }
    } finally {
      if (before === undefined) delete process.env.CONTAINERIMAGE_CONFIG_DIR
      else process.env.CONTAINERIMAGE_CONFIG_DIR = before
    }
    expect(readFileSync(user.file, 'utf8')).to.contain('all that there is')
    expect(readdirSync(user.folder).sort()).to.deep.equal(['photos', 'thesis.txt'])
  })

  it('are the choice of whoever names one: a media and a store may be reached through links', async () => {
    const elsewhere = temporary.folder()
    for (const name of ['stick', 'store']) {
      mkdirSync(path.join(elsewhere, name))
      symlinkSync(path.join(elsewhere, name), path.join(elsewhere, `${name}-link`))
    }
    const linked = (name: string): string => path.join(elsewhere, `${name}-link`)
    await save({ names: layouts, path: linked('stick'), format: 'media', store })
    await install({ targets: [linked('stick')], store: linked('store'), receipt: linked('stick') })
    await uninstall({ name: 'base', version: '1.0', store: linked('store') })
    await prune({ store: linked('store') })
    expect((await verify({ store: linked('store') })).problems).to.deep.equal([])
    expect((await verify({ paths: [linked('stick')] })).problems).to.deep.equal([])
    expect(readdirSync(path.join(elsewhere, 'store'))).to.include('blobs')
  })
})
