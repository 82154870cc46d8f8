import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, digestOf } from '../../manifests/index.js'
import { install, inventory, save, verify } from '../../provider/index.js'
import { type MadeLayer, makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

type Which = 'manifest' | 'config' | 'layer'

/** Ways in which a file gets other bytes of the same number. */
const CHANGES: Record<string, (file: string) => void> = {
  'written over': (file) => {
    chmodSync(file, 0o644)
    writeFileSync(file, others(file))
  },
  'exchanged for another file': (file) => {
    const bytes = others(file)
    rmSync(file)
    writeFileSync(file, bytes)
  },
  'written over, with its times set back': (file) => {
    const { atime, mtime } = statSync(file)
    chmodSync(file, 0o644)
    writeFileSync(file, others(file))
    utimesSync(file, atime, mtime)
    chmodSync(file, 0o444)
  },
  'written over through another name of it': (file) => {
    linkSync(file, `${file}.other`)
    chmodSync(file, 0o644)
    writeFileSync(`${file}.other`, others(file))
    rmSync(`${file}.other`)
  },
  'exchanged for a link': (file) => {
    const elsewhere = path.join(path.dirname(file), '..', '..', 'elsewhere')
    writeFileSync(elsewhere, readFileSync(file))
    rmSync(file)
    symlinkSync(elsewhere, file)
  },
}

/** As many bytes, and not the same. */
function others(file: string): Buffer {
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  return bytes
}

describe('trust in what lies there', () => {
  const temporary = scratch()
  let folder: string
  let layout: string
  let store: string
  let blobs: Record<Which, string>

  beforeEach(() => {
    folder = temporary.folder()
    layout = path.join(folder, 'layout')
    store = path.join(folder, 'store')
    blobs = made(layout, 'base:1.0', [{ files: { shared: 300_000 }, compression: 'none' }])
  })
  afterEach(() => temporary.remove())

  function made(place: string, refName: string, layers: MadeLayer[]): Record<Which, string> {
    const [root] = makeLayout(place, [{ refName, layers }])
    const manifest = JSON.parse(readFileSync(path.join(place, blobPath(root?.digest ?? '')), 'utf8'))
    return {
      manifest: root?.digest ?? '',
      config: manifest.config.digest,
      layer: manifest.layers.at(-1).digest,
    }
  }

  function at(root: string, which: Which): string {
    return path.join(root, blobPath(blobs[which]))
  }

  async function expectWhole(place: { store?: string; paths?: string[] }): Promise<void> {
    expect((await verify(place)).problems).to.deep.equal([])
  }

  describe('in the store', () => {
    for (const [how, change] of Object.entries(CHANGES))
      for (const which of ['layer', 'config', 'manifest'] as const)
        it(`does not count a ${which} that was ${how} as there: the next install brings it again`, async () => {
          await install({ targets: [layout], store })
          change(at(store, which))
          const notes: string[] = []
          const { size } = statSync(at(layout, which))
          const result = await install({
            targets: [layout],
            store,
            onProgress: (event) => event.type === 'note' && notes.push(event.message),
          })
          expect(result.copiedBytes).to.equal(size)
          expect(result.alreadyThere).to.deep.equal([])
          expect(
            result.blobs.filter(({ outcome }) => outcome === 'installed').map(({ digest }) => digest),
          ).to.deep.equal([blobs[which]])
          if (!how.endsWith('link')) expect(notes.join()).to.contain(blobs[which])
          await expectWhole({ store })
          expect(digestOf(readFileSync(at(store, which)))).to.equal(blobs[which])
          expect(lstatSync(at(store, which)).isFile()).to.equal(true)
        })

    it('tells with --what-if what would be brought again, and changes nothing', async () => {
      await install({ targets: [layout], store })
      CHANGES['written over']?.(at(store, 'layer'))
      const before = filesIn(store)
      const { copiedBytes } = await install({ targets: [layout], store, whatIf: true })
      expect(copiedBytes).to.equal(statSync(at(layout, 'layer')).size)
      expect(filesIn(store)).to.deep.equal(before)
    })

    it('reads nothing again that nobody has touched, and what was touched once', async () => {
      await install({ targets: [layout], store })
      const before = filesIn(store)
      expect(await readBytes({ targets: [layout], store })).to.equal(0)
      expect(filesIn(store)).to.deep.equal(before)
      linkSync(at(store, 'layer'), path.join(folder, 'other-name'))
      expect(await readBytes({ targets: [layout], store })).to.equal(statSync(at(store, 'layer')).size)
      expect(await readBytes({ targets: [layout], store })).to.equal(0)
    })

    /** What rots on the disk leaves no sign: here the store is told that the blob was checked as it is. */
    function rot(which: Which): void {
      CHANGES['written over']?.(at(store, which))
      const { size, mtimeNs, ctimeNs, ino } = lstatSync(at(store, which), { bigint: true })
      const file = path.join(store, 'checked.json')
      const document = JSON.parse(readFileSync(file, 'utf8'))
      document.blobs[blobs[which]] = `${size} ${mtimeNs} ${ctimeNs} ${ino}`
      writeFileSync(file, JSON.stringify(document))
    }

    for (const which of ['layer', 'config', 'manifest'] as const)
      it(`goes by what verify has found: a ${which} that rotted without a sign is brought again after it`, async () => {
        await install({ targets: [layout], store })
        rot(which)
        const { problems } = await verify({ store })
        expect(problems.map(({ digest }) => digest)).to.include(blobs[which])
        await install({ targets: [layout], store })
        await expectWhole({ store })
      })

    it('goes by it also where the store was verified by its path', async () => {
      await install({ targets: [layout], store })
      rot('layer')
      expect((await verify({ paths: [store] })).problems).to.have.length(1)
      await install({ targets: [layout], store })
      await expectWhole({ store })
    })

    for (const [what, put] of [
      ['a link', (file: string) => symlinkSync('/dev/zero', file)],
      ['a folder', (file: string) => mkdirSync(file)],
      [
        'something else',
        (file: string) => writeFileSync(file, '{"checkedVersion":1,"blobs":[["sha256:x",1]]}'),
      ],
      ['no JSON', (file: string) => writeFileSync(file, Buffer.alloc(100))],
      [
        'a list of everything',
        (file: string) => writeFileSync(file, '{"checkedVersion":1,"blobs":{"*":"*"}}'),
      ],
    ] as const)
      it(`reads everything where ${what} stands for what it has noted`, async () => {
        await install({ targets: [layout], store })
        rmSync(path.join(store, 'checked.json'))
        put(path.join(store, 'checked.json'))
        CHANGES['written over']?.(at(store, 'layer'))
        await install({ targets: [layout], store })
        await expectWhole({ store })
      })

    it('notes nothing of blobs that are gone', async () => {
      await install({ targets: [layout], store })
      const other = path.join(folder, 'other')
      const { layer } = made(other, 'other:1.0', [{ files: { own: 1000 } }])
      rmSync(at(store, 'layer'))
      await install({ targets: [other], store })
      const { blobs: noted } = JSON.parse(readFileSync(path.join(store, 'checked.json'), 'utf8'))
      expect(noted).to.have.property(layer)
      expect(noted).not.to.have.property(blobs.layer)
    })

    it('does not put a damaged blob into its inventory', async () => {
      await install({ targets: [layout], store })
      CHANGES['written over']?.(at(store, 'layer'))
      const { inventory: made } = await inventory({ store })
      expect(made.blobs.map(({ digest }) => digest)).to.have.members([blobs.manifest, blobs.config])
    })

    it('is not enough for a delta whose base was changed in it', async () => {
      const base: MadeLayer = { files: { base: 300_000 }, compression: 'none' }
      const older = path.join(folder, 'older')
      blobs = made(older, 'base:1.0', [base])
      const newer = path.join(folder, 'newer')
      cpSync(older, newer, { recursive: true })
      const layers = [{ ...base, files: { base: baseOf(older) } }, { files: { own: 100 } }] as MadeLayer[]
      rmSync(path.join(newer, 'index.json'))
      makeLayout(newer, [{ refName: 'base:1.1', layers }])
      await install({ targets: [older], store })
      const inventoryFile = path.join(folder, 'base.json')
      await inventory({ store, path: inventoryFile })
      const delta = path.join(folder, 'delta.tar')
      await save({ names: [newer], path: delta, base: [inventoryFile] })
      CHANGES['written over']?.(at(store, 'layer'))
      await failure(install({ targets: [delta], store }), 'BASE_MISSING')
      await install({ targets: [older], store })
      await install({ targets: [delta], store })
      await expectWhole({ store })
    })

    /** The content of the one file in the one layer of a layout. */
    function baseOf(place: string): Buffer {
      return readFileSync(path.join(place, blobPath(blobs.layer))).subarray(512, 512 + 300_000)
    }
  })

  describe('in a layout that another program wrote', () => {
    for (const which of ['layer', 'config', 'manifest'] as const)
      it(`reads a ${which} before it counts as there`, async () => {
        cpSync(layout, store, { recursive: true })
        CHANGES['exchanged for another file']?.(at(store, which))
        await install({ targets: [layout], store })
        await expectWhole({ store })
      })

    it('reads what is whole once', async () => {
      cpSync(layout, store, { recursive: true })
      writtenLongAgo()
      expect(await readBytes({ targets: [layout], store })).to.be.above(300_000)
      expect(await readBytes({ targets: [layout], store })).to.equal(0)
    })

    it('is not written to by verify', async () => {
      const before = filesIn(layout)
      await expectWhole({ store: layout })
      await expectWhole({ paths: [layout] })
      expect(filesIn(layout)).to.deep.equal(before)
      expect(existsSync(path.join(layout, 'ingest'))).to.equal(false)
    })
  })

  describe('on a media', () => {
    let stick: string

    beforeEach(async () => {
      stick = path.join(folder, 'stick')
      mkdirSync(stick)
      await save({ names: [layout], path: stick, format: 'media' })
    })

    for (const [how, change] of Object.entries(CHANGES))
      for (const which of ['layer', 'config', 'manifest'] as const)
        it(`does not count a ${which} that was ${how} as there: the next save brings it again`, async () => {
          change(at(stick, which))
          rmSync(path.join(stick, 'elsewhere'), { force: true })
          const { fetchedBytes } = await save({ names: [layout], path: stick, format: 'media' })
          expect(fetchedBytes).to.equal(statSync(at(layout, which)).size)
          await expectWhole({ paths: [stick] })
        })

    it('does not count what images share as there, because one of them brought it', async () => {
      const shared = readFileSync(at(layout, 'layer')).subarray(512, 512 + 300_000)
      const other = path.join(folder, 'other')
      made(other, 'other:1.0', [{ files: { shared }, compression: 'none' }, { files: { own: 10 } }])
      CHANGES['written over']?.(at(stick, 'layer'))
      await save({ names: [other], path: stick, format: 'media' })
      await expectWhole({ paths: [stick] })
    })

    it('keeps no note there that another machine could write, and believes none', async () => {
      expect(existsSync(path.join(stick, 'checked.json'))).to.equal(false)
      await install({ targets: [layout], store: stick, force: true })
      expect(existsSync(path.join(stick, 'checked.json'))).to.equal(false)
      CHANGES['written over']?.(at(stick, 'layer'))
      const { size, mtimeNs, ctimeNs, ino } = lstatSync(at(stick, 'layer'), { bigint: true })
      const note = { checkedVersion: 1, blobs: { [blobs.layer]: `${size} ${mtimeNs} ${ctimeNs} ${ino}` } }
      writeFileSync(path.join(stick, 'checked.json'), JSON.stringify(note))
      const { fetchedBytes } = await save({ names: [layout], path: stick, format: 'media' })
      expect(fetchedBytes).to.equal(size === undefined ? 0 : Number(size))
    })

    it('does not list a program beside the images that has become another', async () => {
      await save({ names: [layout], path: stick, format: 'media', withTool: true })
      const tool = path.join(stick, 'containerimage.mjs')
      writeFileSync(tool, `${readFileSync(tool, 'utf8')}\n//`)
      const notes: string[] = []
      await save({
        names: [layout],
        path: stick,
        format: 'media',
        onProgress: (event) => event.type === 'note' && notes.push(event.message),
      })
      expect(notes.join()).to.contain('containerimage.mjs')
      const { problems } = await verify({ paths: [stick] })
      expect(problems.map(({ code, path: name }) => `${code} ${name}`)).to.deep.equal([
        'FILE_EXTRA containerimage.mjs',
      ])
      await save({ names: [layout], path: stick, format: 'media', withTool: true })
      await expectWhole({ paths: [stick] })
    })
  })

  /** What was written within the last tick of the clock is read again, as a change to it might not show. */
  function writtenLongAgo(): void {
    const then = new Date(Date.now() - 60_000)
    for (const which of ['layer', 'config', 'manifest'] as const) utimesSync(at(store, which), then, then)
  }

  /** Bytes that an install reads of what is there already, to see whether it is what its name says. */
  async function readBytes(request: { targets: string[]; store: string }): Promise<number> {
    let bytes = 0
    await install({
      ...request,
      onProgress: (event) => {
        if (event.type === 'bytes' && event.kind === 'verified') bytes += event.count
      },
    })
    return bytes
  }
})
