import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { download } from '../../provider/copy/download.js'
import { install, inventory, type SaveRequest, save, verify } from '../../provider/index.js'
import { createRecovery, repair } from '../../provider/recovery/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { makeWim } from '../fixtures/wim.js'
import { itWithLinks } from '../links.js'
import { flip, writeFiles } from '../provider/recovery/sample-files.js'
import { failure } from '../provider/verbs/failure.js'
import { blobsIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { listing } from './attack.js'
import { PLANTED, plantSecondName, type Victim, victim } from './victim.js'

const NAME = 'base-1-0'

describe('links under the names of files that are written', () => {
  const fixtures = scratch()
  const temporary = scratch()
  let layout: string
  let wim: string
  let stick: string
  let store: string
  let user: Victim

  before(async () => {
    const folder = fixtures.folder()
    layout = path.join(folder, 'layout')
    const files = { one: 900_000, two: 900_000, three: 700_000 }
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files, compression: 'none' }] }])
    ;[wim = ''] = await makeWim(path.join(folder, 'nano.wim'), { size: 20_000 })
  })
  beforeEach(() => {
    const folder = temporary.folder()
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    mkdirSync(stick)
    user = victim(path.join(folder, 'user'))
  })
  afterEach(() => temporary.remove())
  after(() => fixtures.remove())

  function hexOf(which: 'largest' | 'smallest'): string {
    const size = (digest: string): number => statSync(path.join(layout, 'blobs/sha256', digest.slice(7))).size
    const sorted = blobsIn(layout).sort((a, b) => size(a) - size(b))
    return (sorted.at(which === 'largest' ? -1 : 0) ?? '').slice(7)
  }

  /** What a save writes on its way, by the form that it saves in. */
  const FORMS: Record<string, { request: Partial<SaveRequest>; part: () => string }> = {
    'a tar': { request: {}, part: () => `${NAME}.tar.part` },
    "docker's archive": { request: { format: 'docker-archive' }, part: () => `${NAME}.tar.part` },
    'a zip': { request: { format: 'zip' }, part: () => `${NAME}.zip.part` },
    'a 7z': { request: { format: '7z' }, part: () => `${NAME}.7z.part` },
    'a WIM of layers': { request: { format: 'wim', skipUnsupported: true }, part: () => `${NAME}.wim.part` },
    'the second part of a WIM': {
      request: { format: 'wim', splitSize: 1_000_000, skipUnsupported: true },
      part: () => `${NAME}2.swm.part`,
    },
    'the first volume': { request: { volumeSize: 1_100_000 }, part: () => `${NAME}.vol1of3.tar.part` },
    'the last volume': { request: { volumeSize: 1_100_000 }, part: () => `${NAME}.vol3of3.tar.part` },
    'the index of recovery files': { request: { recovery: 0.1 }, part: () => `${NAME}.par2.part` },
    'a file of recovery': { request: { recovery: 0.1 }, part: () => `${NAME}.vol00+01.par2.part` },
    'a layer on a media': { request: { format: 'media' }, part: () => `ingest/sha256-${hexOf('largest')}` },
    'a document on a media': {
      request: { format: 'media' },
      part: () => `ingest/sha256-${hexOf('smallest')}`,
    },
    'the tool beside a media': {
      request: { format: 'media', withTool: true },
      part: () => 'containerimage.mjs.part',
    },
  }

  /** Whatever the name is for, it is among those that a save gives on its way to this file. */
  function placeOf(part: string): string {
    const place = path.join(stick, part)
    mkdirSync(path.dirname(place), { recursive: true })
    return place
  }

  for (const [form, { request, part }] of Object.entries(FORMS)) {
    const saving = (): Promise<unknown> => save({ names: [layout], path: stick, store, ...request })

    it(`are refused by name, and lead nowhere: ${form}`, async () => {
      for (const [kind, plant] of Object.entries(PLANTED)) {
        if (kind === 'a folder' && form === 'a 7z') continue
        const place = placeOf(part())
        plant(place, user)
        const [before, planted] = [user.facts(), lstatSync(place).ino]
        const error = await failure(saving(), 'IN_THE_WAY')
        expect(error.message, kind).to.contain(place)
        expect(error.exitCode).to.equal(5)
        expect(user.facts(), kind).to.deep.equal(before)
        expect(lstatSync(place).ino, kind).to.equal(planted)
        rmSync(stick, { recursive: true })
        mkdirSync(stick)
      }
    })

    it(`are no second names of other files, which stay as they are: ${form}`, async () => {
      const place = placeOf(part())
      plantSecondName(place, user)
      const before = readFileSync(user.file)
      await saving()
      expect(readFileSync(user.file).equals(before)).to.equal(true)
      if (process.platform !== 'win32') expect(statSync(user.file).mode & 0o777).to.equal(0o600)
      expect(existsSync(place)).to.equal(false)
    })

    itWithLinks(`are refused until they are removed, and not for longer: ${form}`, async () => {
      const place = placeOf(part())
      symlinkSync(user.file, place)
      await failure(saving(), 'IN_THE_WAY')
      rmSync(place)
      const { files } = await save({ names: [layout], path: stick, store, force: true, ...request })
      const saved = request.format === 'media' ? stick : (files[0]?.path ?? '')
      expect((await verify({ paths: [saved] })).problems).to.deep.equal([])
      expect(readdirSync(stick).filter((name) => name.includes('.part'))).to.deep.equal([])
    })
  }

  itWithLinks('are not followed from the names that files have in the end', async () => {
    const before = user.facts()
    const replaced = async (names: string[], write: () => Promise<unknown>): Promise<void> => {
      for (const name of names) symlinkSync(user.file, path.join(stick, name))
      await write()
      for (const name of names) expect(lstatSync(path.join(stick, name)).isFile(), name).to.equal(true)
    }
    await replaced([`${NAME}.tar`], () => save({ names: [layout], path: stick, store, force: true }))
    await replaced(['inventory.json'], () =>
      inventory({ path: path.join(stick, 'inventory.json'), store, force: true }),
    )
    await replaced(['media.json', 'index.html', 'SHA256SUMS', 'containerimage.mjs'], () =>
      save({ names: [layout], path: stick, store, format: 'media', withTool: true }),
    )
    expect(user.facts()).to.deep.equal(before)
  })

  itWithLinks(
    'are removed from the names of parts that a WIM has no more, and what they lead to stays',
    async () => {
      const further = path.join(stick, `${NAME}2.swm`)
      for (const target of [user.file, user.folder, path.join(user.folder, 'none')]) {
        symlinkSync(target, further)
        const before = user.facts()
        const form = { format: 'wim', splitSize: 9_000_000 } as const
        const request = { names: [layout], path: stick, store, ...form }
        await failure(save(request), 'FILE_EXISTS')
        await save({ ...request, force: true })
        expect(readdirSync(stick)).to.deep.equal([`${NAME}.swm`])
        expect(user.facts()).to.deep.equal(before)
        rmSync(path.join(stick, `${NAME}.swm`))
      }
    },
  )

  itWithLinks('are not taken for a page or a list of the same bytes', async () => {
    await save({ names: [layout], path: stick, store, format: 'media' })
    for (const name of ['media.json', 'index.html', 'SHA256SUMS']) {
      const elsewhere = path.join(user.folder, name)
      writeFileSync(elsewhere, readFileSync(path.join(stick, name)))
      rmSync(path.join(stick, name))
      symlinkSync(elsewhere, path.join(stick, name))
    }
    await save({ names: [layout], path: stick, store, format: 'media' })
    for (const name of ['media.json', 'index.html', 'SHA256SUMS'])
      expect(lstatSync(path.join(stick, name)).isFile(), name).to.equal(true)
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
  })

  itWithLinks('are not taken for blobs: a media gets the bytes, and what was linked stays', async () => {
    const blobs = path.join(stick, 'blobs', 'sha256')
    await save({ names: [layout], path: stick, store, format: 'media' })
    const hex = hexOf('largest')
    const elsewhere = path.join(user.folder, hex)
    writeFileSync(elsewhere, readFileSync(path.join(blobs, hex)), { mode: 0o600 })
    rmSync(path.join(blobs, hex))
    symlinkSync(elsewhere, path.join(blobs, hex))
    const before = user.facts()
    await save({ names: [layout], path: stick, store, format: 'media' })
    expect(user.facts()).to.deep.equal(before)
    expect(lstatSync(path.join(blobs, hex)).isFile()).to.equal(true)
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
  })

  it('are refused where a WIM is copied as it is', async () => {
    const copying = (): Promise<unknown> => save({ names: [wim], path: stick, store })
    for (const [kind, plant] of Object.entries(PLANTED)) {
      const place = path.join(stick, 'NanoServer-10-0-14300-1010.wim.part')
      plant(place, user)
      const before = user.facts()
      expect((await failure(copying(), 'IN_THE_WAY')).message, kind).to.contain(place)
      expect(user.facts(), kind).to.deep.equal(before)
      rmSync(place, { recursive: true })
    }
    await copying()
  })

  it('are refused where a file is fetched, from its beginning or from where it was left', async () => {
    const file = path.join(stick, 'fetched')
    const bytes = async function* () {
      yield Buffer.from('fetched')
    }
    for (const sha256 of [undefined, 'ab'.repeat(32)])
      for (const [kind, plant] of Object.entries(PLANTED)) {
        plant(`${file}.part`, user)
        const before = user.facts()
        const fetching = download(file, async () => ({ bytes: bytes(), close: async () => {} }), {
          label: 'a file',
          ...(sha256 ? { sha256 } : {}),
        })
        expect((await failure(fetching, 'IN_THE_WAY')).message, kind).to.contain(`${file}.part`)
        expect(user.facts(), kind).to.deep.equal(before)
        rmSync(`${file}.part`, { recursive: true })
      }
  })

  it('are refused where lost slices are made again', async () => {
    writeFiles(stick, { 'a.bin': 50_000 })
    await createRecovery({ files: ['a.bin'], folder: stick, base: 'set', sliceSize: 1000 })
    flip(path.join(stick, 'a.bin'), 1500)
    for (const [kind, plant] of Object.entries(PLANTED)) {
      const place = path.join(stick, 'a.bin.repair.part')
      plant(place, user)
      const before = [user.facts(), listing(stick)]
      expect((await failure(repair(stick), 'IN_THE_WAY')).message, kind).to.contain(place)
      expect([user.facts(), listing(stick)], kind).to.deep.equal(before)
      rmSync(place, { recursive: true })
    }
    expect((await repair(stick)).repaired).to.deep.equal(['a.bin'])
  })

  itWithLinks('are refused where a set of volumes arrives', async () => {
    await save({ names: [layout], path: stick, store, volumeSize: 1_100_000 })
    const [first = '', second = ''] = readdirSync(stick).sort()
    rmSync(path.join(stick, second))
    await failure(install({ targets: [path.join(stick, first)], store }), 'VOLUME_MISSING')
    const [set = ''] = readdirSync(path.join(store, 'ingest'))
    const blobs = path.join(store, 'ingest', set, 'blobs', 'sha256')
    const [arrived = ''] = readdirSync(blobs)
    rmSync(path.join(store, 'ingest', set, 'arrived.json'))
    rmSync(path.join(blobs, arrived))
    symlinkSync(user.file, path.join(blobs, arrived))
    const before = user.facts()
    await failure(install({ targets: [path.join(stick, first)], store }), 'IN_THE_WAY')
    expect(user.facts()).to.deep.equal(before)
  })

  it('are refused where a layer is made in the store', async () => {
    const ingest = path.join(store, 'ingest')
    const name = await makingName(wim, path.join(temporary.folder(), 'other'))
    mkdirSync(ingest, { recursive: true })
    for (const [kind, plant] of Object.entries(PLANTED)) {
      plant(path.join(ingest, name), user)
      const before = user.facts()
      const error = await failure(install({ targets: [wim], store }), 'IN_THE_WAY')
      expect(error.message, kind).to.contain(path.join(ingest, name))
      expect(user.facts(), kind).to.deep.equal(before)
      rmSync(path.join(ingest, name), { recursive: true, force: true })
    }
  })

  /** The name under which the layer of a WIM is made, seen while another store makes it. */
  async function makingName(file: string, other: string): Promise<string> {
    let name: string | undefined
    const look = (): void => {
      const ingest = path.join(other, 'ingest')
      name ??= existsSync(ingest)
        ? readdirSync(ingest).find((one) => /^made-[0-9a-f]{64}$/.test(one))
        : undefined
    }
    await install({ targets: [file], store: other, onProgress: look })
    if (name === undefined) throw new Error('no layer was seen while it was made')
    return name
  }
})
