import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { blobPath } from '../../manifests/index.js'
import { install, save, verify } from '../../provider/index.js'
import { type MadeLayer, makeLayout, tarOf } from '../fixtures/layout.js'
import { describeWithPeers } from '../peers/peers.js'
import { wimlib } from '../provider/formats/wim/wimlib.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { named, unsynced } from './sync-order.js'
import { canTrace, runWithFault, traceModule, traceVerb } from './tracing.js'

/** Above what is written before the disk is told to begin. */
const LARGE = 70 * 1024 * 1024

describeWithPeers(['strace'], 'what gets its final name', () => {
  const temporary = scratch()
  let folder: string
  let layout: string
  let archive: string
  let store: string
  let layer: string

  before(function () {
    if (!canTrace()) this.skip()
  })

  beforeEach(async () => {
    folder = temporary.folder()
    layout = path.join(folder, 'layout')
    archive = path.join(folder, 'image.tar')
    store = path.join(folder, 'store')
    const layers: MadeLayer[] = [{ files: { a: 600_000 }, compression: 'none' }, { files: { b: 9_000_000 } }]
    const [root] = makeLayout(layout, [{ refName: 'base:1.0', layers }])
    layer = JSON.parse(readFileSync(path.join(layout, blobPath(root?.digest ?? '')), 'utf8')).layers[0].digest
    await save({ names: [layout], path: archive })
  })
  afterEach(() => temporary.remove())

  function usb(): string {
    const stick = path.join(folder, 'stick')
    mkdirSync(stick, { recursive: true })
    return stick
  }

  function compressed(): string {
    const file = `${archive}.gz`
    writeFileSync(file, gzipSync(readFileSync(archive), { level: 1 }))
    return file
  }

  /** The layer as a run left it that was killed between its last write and its sync. */
  function leaveWhole(ingest: string): void {
    mkdirSync(ingest, { recursive: true })
    copyFileSync(path.join(layout, blobPath(layer)), path.join(ingest, layer.replace(':', '-')))
  }

  function expectSynced(verb: string, request: object, names: RegExp[]): void {
    const calls = traceVerb(verb, request)
    const found = named(calls, folder)
    for (const name of names)
      expect(
        found.filter((one) => name.test(one)),
        `${name}`,
      ).not.to.deep.equal([])
    expect(unsynced(calls, folder)).to.deep.equal([])
  }

  describe('was synced by this run, and its folder after it', () => {
    it('in a store, from a file and from a stream', () => {
      expectSynced('install', { targets: [archive], store }, [/blobs/, /index\.json/])
      expectSynced('install', { targets: [compressed()], store: `${store}2` }, [/blobs/, /index\.json/])
    })

    it('in a store, where an earlier run left all bytes of a blob', () => {
      leaveWhole(path.join(store, 'ingest'))
      expectSynced('install', { targets: [compressed()], store }, [new RegExp(layer.slice(7))])
    })

    it('in a store, where a layer is made', () => {
      const rootfs = path.join(folder, 'rootfs.tar')
      writeFileSync(
        rootfs,
        tarOf({ 'etc/os-release': 'ID=a\nVERSION_ID=2\n', 'bin/sh': 100_000, file: 400_000 }),
      )
      const request = { targets: [rootfs], platform: 'linux/amd64', store }
      expectSynced('install', request, [/blobs/])
    })

    it('of an archive, also where an earlier run left all of it', () => {
      const file = path.join(usb(), 'one.tar')
      expectSynced('save', { names: [compressed()], path: file }, [/one\.tar$/])
      renameSync(file, `${file}.part`)
      expectSynced('save', { names: [compressed()], path: file }, [/one\.tar$/])
    })

    for (const ending of ['zip', '7z', 'wim'])
      it(`of a ${ending}`, () => {
        const request = { names: [layout], path: path.join(usb(), `one.${ending}`), store }
        expectSynced('save', request, [new RegExp(`one\\.${ending}$`)])
      })

    it('of a media, where an earlier run left all bytes of a blob', () => {
      leaveWhole(path.join(usb(), 'ingest'))
      const lists = [/index\.json/, /index\.html/, /media\.json/, /SHA256SUMS/]
      expectSynced('save', { names: [compressed()], path: usb(), format: 'media' }, [
        new RegExp(layer.slice(7)),
        ...lists,
      ])
    })

    it('of volumes and their recovery files, the index of those too', () => {
      const request = { names: [layout], path: usb(), volumeSize: 4_000_000, recovery: 0.3 }
      expectSynced('save', request, [/vol1of/, /vol2of/, /\.par2$/, /\.vol\d+\+\d+\.par2$/])
      const [first = ''] = readdirSync(usb()).filter(
        (name) => name.includes('vol1of') && name.endsWith('.tar'),
      )
      renameSync(path.join(usb(), first), path.join(usb(), `${first}.part`))
      expectSynced('save', { ...request, force: true }, [/vol1of/])
    })

    it('of what is repaired, and of what only gets its name back', async () => {
      await save({ names: [layout], path: usb(), volumeSize: 4_000_000, recovery: 0.6 })
      const [one = '', two = ''] = readdirSync(usb()).filter((name) => name.endsWith('.tar'))
      rmSync(path.join(usb(), one))
      renameSync(path.join(usb(), two), path.join(usb(), 'another-name.tar'))
      expectSynced('verify', { paths: [usb()], repair: true }, [new RegExp(one), new RegExp(two)])
    })

    it('of volumes that arrive, with their places in between', async () => {
      await save({ names: [layout], path: usb(), volumeSize: 4_000_000 })
      const [first = '', ...others] = readdirSync(usb()).sort()
      const slot = path.join(folder, 'slot')
      mkdirSync(slot)
      for (const name of others) renameSync(path.join(usb(), name), path.join(slot, name))
      await install({ targets: [slot], store }).catch(() => {})
      renameSync(path.join(usb(), first), path.join(slot, first))
      const calls = traceVerb('install', { targets: [slot], store })
      expect(unsynced(calls, folder)).to.deep.equal([])
      const pieces = calls.filter(
        ({ name, paths: [to = ''] }) => /write/.test(name) && /set-[0-9a-f]+\/blobs/.test(to),
      )
      for (const {
        paths: [piece = ''],
      } of pieces)
        expect(
          calls.some(({ name, paths }) => name === 'fsync' && paths[0] === path.dirname(piece)),
        ).to.equal(true)
    })

    it('of a file that was fetched, where all of it was here', () => {
      const file = path.join(usb(), 'fetched')
      writeFileSync(`${file}.part`, Buffer.alloc(100_000, 'x'))
      const sha256 = spawnSync('sha256sum', [`${file}.part`], { encoding: 'utf8' }).stdout.slice(0, 64)
      const module = new URL('../../provider/copy/download.js', import.meta.url)
      const none = '{ size: 100000, bytes: (async function* () {})(), close: async () => {} }'
      const options = JSON.stringify({ label: 'a file', sha256, size: 100_000 })
      const source = `import { download } from '${module}'; await download('${file}', async () => (${none}), ${options})`
      const calls = traceModule(source, path.join(folder, 'calls'))
      expect(named(calls, folder)).to.deep.equal(['stick/fetched'])
      expect(unsynced(calls, folder)).to.deep.equal([])
    })
  })

  describeWithPeers(['wimlib-imagex'], 'as a folder that an image is laid out in', () => {
    it('was synced with all that is in it', () => {
      const tree = path.join(folder, 'tree')
      mkdirSync(path.join(tree, 'Windows', 'System32'), { recursive: true })
      for (const name of ['a', 'b', 'Windows/c', 'Windows/System32/d'])
        writeFileSync(path.join(tree, name), name.repeat(5000))
      const wim = path.join(folder, 'x.wim')
      const windows = [
        'ARCH=9',
        'VERSION/MAJOR=10',
        'VERSION/MINOR=0',
        'VERSION/BUILD=14300',
        'VERSION/SPBUILD=1010',
      ]
      wimlib('capture', tree, wim, 'NanoServer', ...windows.map((one) => `--image-property=WINDOWS/${one}`))
      const calls = traceVerb('install', { targets: [wim], store, expand: true })
      const isNamed = /\/images\/\.[^/]+\.new$/
      const at =
        calls.find(({ name, paths: [from = ''] }) => name === 'rename' && isNamed.test(from))?.began ?? 0
      const written = calls.filter(({ name, paths: [to = ''] }) => /write/.test(name) && /\.new\//.test(to))
      const places = new Set(written.map(({ paths: [to = ''] }) => to))
      expect([...places].map((place) => path.basename(place))).to.include.members([
        'a',
        'b',
        'c',
        'd',
        'metadata.json',
      ])
      for (const place of [...places].flatMap((one) => [one, path.dirname(one)])) {
        const synced = calls.some(
          ({ name, paths, ended }) => name === 'fsync' && paths[0] === place && ended < at,
        )
        expect(synced, place).to.equal(true)
      }
    })
  })

  it('loses it for good: the folder of removed blobs is synced', async () => {
    await install({ targets: [archive], store })
    const calls = traceVerb('uninstall', { name: 'base', store })
    expect(
      calls.filter(({ name, paths: [gone = ''] }) => name === 'unlink' && /\/blobs\//.test(gone)).length,
    ).to.be.above(2)
    expect(unsynced(calls, folder)).to.deep.equal([])
  })

  describe('is on the disk: a write that failed is not forgotten', () => {
    it('where the sync of a blob fails, the blob comes again', async () => {
      const part = path.join(store, 'ingest', layer.replace(':', '-'))
      const request = { targets: [compressed()], store }
      const { status, stderr } = runWithFault('install', request, { inject: 'fsync:error=EIO', on: part })
      expect(status, stderr).not.to.equal(0)
      expect(stderr).to.contain('CANNOT_MAKE')
      // In memory it is whole, and would be believed.
      expect(existsSync(part)).to.equal(false)
      expect((await install(request)).images).to.have.length(1)
      expect((await verify({ store })).problems).to.deep.equal([])
    })

    it('where the sync of an archive fails, it is made anew', async () => {
      const file = path.join(usb(), 'one.tar')
      const request = { names: [layout], path: file }
      const { status } = runWithFault('save', request, { inject: 'fsync:error=EIO', on: `${file}.part` })
      expect(status).not.to.equal(0)
      expect(readdirSync(usb())).to.deep.equal([])
      await save(request)
      expect(readFileSync(file).equals(readFileSync(archive))).to.equal(true)
    })

    it('where the sync of volumes fails, whole ones stay and the others come again', async () => {
      await save({ names: [layout], path: usb(), volumeSize: 4_000_000 })
      const whole = filesIn(usb())
      const [first = ''] = readdirSync(usb()).sort()
      rmSync(path.join(usb(), first))
      const request = { names: [layout], path: usb(), volumeSize: 4_000_000 }
      const on = path.join(usb(), `${first}.part`)
      expect(runWithFault('save', request, { inject: 'fsync:error=ENOSPC', on }).stderr).to.contain(
        'NO_SPACE',
      )
      expect(existsSync(on)).to.equal(false)
      await save(request)
      expect(filesIn(usb())).to.deep.equal(whole)
    })

    for (const [what, ending] of [
      ['a store', ''],
      ['an archive', '.tar'],
      ['a WIM', '.wim'],
    ] as const)
      it(`also where it was begun long before the end, in ${what}`, () => {
        const large = path.join(folder, 'large')
        makeLayout(large, [{ refName: 'large:1.0', layers: [{ files: { a: LARGE }, compression: 'none' }] }])
        const target = path.join(usb(), `large${ending}`)
        const [verb, request] =
          ending === ''
            ? ['install', { targets: [large], store: target }]
            : ['save', { names: [large], path: target, store }]
        const { status, stderr } = runWithFault(verb as string, request as object, {
          inject: 'fdatasync:error=EIO:when=1',
        })
        expect(status, stderr).not.to.equal(0)
        expect(stderr).to.contain('CANNOT_MAKE')
        const left = readdirSync(usb(), { recursive: true, encoding: 'utf8' })
        expect(
          left.filter(
            (name) => /\.(part|tar|wim)$/.test(name) || statSync(path.join(usb(), name)).size > LARGE / 2,
          ),
        ).to.deep.equal([])
      })
  })
})
