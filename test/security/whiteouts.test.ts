import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ContainerImageError, digestOf } from '../../manifests/index.js'
import { type LayerOs, whiteoutIn } from '../../provider/archives/layers/whiteout.js'
import { type InstallRequest, install, pull, save, serve, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'
import { attack, listing, membersOf, tarOfMembers } from './attack.js'
import { BASE, file, folder, hardLink, LAID_OUT, layerOf, symlink, windowsLayout } from './hostile-layers.js'
import { type HostileMember, longName, member, pax } from './tar-builder.js'

/** Names that a reader who takes off the mark and joins the rest would remove something else for. */
const BAD = [
  '.wh.',
  '.wh..',
  '.wh...',
  'Files/.wh.',
  'Files/.wh..',
  'Files/.wh...',
  'Files/Windows/.wh...',
  './.wh.../',
  '/.wh...',
  'Files/.wh.../evil',
  'Files/.wh./evil',
  'Files/.wh.a/b',
  '.wh.Files/Windows',
  '.wh..wh.',
  '.wh..wh...',
  '.wh..wh..wh..',
  '.wh..wh..opq/evil',
  'Files/../.wh.Files',
  'Files/../../.wh..wh..opq',
  'Files/.wh.a\0b',
]
const BAD_ON_WINDOWS = [
  'Files/.wh.a\\b',
  'Files/.wh...\\..\\evil',
  'Files\\.wh...',
  'Files/.wh. ',
  'Files/.wh.. ',
  'Files/.wh....',
  'Files/.wh.a:b',
  'Files/.wh.link::$INDEX_ALLOCATION',
]
/** What real layers have, with what it hides; `*` for all that is in the folder. */
const GOOD: [os: LayerOs, name: string, hidden: string | undefined][] = [
  ['linux', '.wh.etc', 'etc'],
  ['linux', 'etc/.wh.passwd/', 'etc/passwd'],
  ['linux', './etc//.wh..hidden', 'etc/.hidden'],
  ['linux', '.wh..wh..opq', '*'],
  ['linux', 'etc/.wh..wh..opq', 'etc/*'],
  ['linux', '.wh....', '...'],
  ['linux', 'etc/.wh.dev-disk-by\\x2duuid.swap', 'etc/dev-disk-by\\x2duuid.swap'],
  ['linux', 'etc/.wh.a:b', 'etc/a:b'],
  ['linux', '.wh..wh.aufs', '.wh.aufs'],
  ['linux', '.wh..wh.plnk/', '.wh.plnk'],
  ['linux', '.wh..wh.plnk/107.42', undefined],
  ['linux', 'etc/x.wh.', undefined],
  ['linux', 'etc/x.wh../y', undefined],
  ['windows', 'Files/.wh.Windows', 'Files/Windows'],
  ['windows', '.wh..wh..opq', '*'],
  ['windows', 'Files/.wh.a.b. c', 'Files/a.b. c'],
]

describe('whiteouts: a layer takes away what it names, in its own folder, and nothing else', () => {
  const host = attack()

  describe('the name of one', () => {
    const hidden = (name: string, os: LayerOs): string | undefined => {
      const found = whiteoutIn(name, os, 'a layer')
      return found && [...found.folder, found.name ?? '*'].join('/')
    }

    for (const os of ['linux', 'windows'] as const)
      for (const name of os === 'linux' ? BAD : [...BAD, ...BAD_ON_WINDOWS])
        it(`may not be ${JSON.stringify(name)} in a layer for ${os}`, () => {
          expect(() => hidden(name, os))
            .to.throw(ContainerImageError, /whiteout/)
            .with.property('code', 'UNSAFE_NAME')
        })

    for (const [os, name, what] of GOOD)
      it(`may be ${name} in a layer for ${os}`, () => {
        expect(hidden(name, os)).to.equal(what)
      })
  })

  /** Everything beside and in the store of the attack, and an image that was laid out before. */
  const refusedEverywhere = async (target: string, request: Partial<InstallRequest> = {}): Promise<void> => {
    await host.refused(target, 'UNSAFE_NAME', request)
    const { ok, problems } = await verify({ paths: [target] })
    expect(ok).to.equal(false)
    expect(problems.map(({ code }) => code)).to.deep.equal(['UNSAFE_NAME'])
  }

  describe('in a layer that is laid out', () => {
    for (const name of [...BAD, ...BAD_ON_WINDOWS].filter((one) => !one.includes('\0')))
      it(`is refused where it is ${JSON.stringify(name)}`, async () => {
        const tar = layerOf(...BASE, file(name, ''))
        const layout = windowsLayout(path.join(host.stick, 'evil'), [layerOf(...BASE), tar], 'gzip')
        await refusedEverywhere(layout, { expand: true })
      })

    for (const [how, parts] of Object.entries({
      'a pax record': [pax({ path: 'Files/.wh...' }), member({ name: 'Files/x' })],
      'a pax record, with a NUL': [pax({ path: 'Files/.wh.a\0b' }), member({ name: 'Files/x' })],
      'the long name of GNU tar': [longName(`Files/${'./'.repeat(80)}.wh...`), member({ name: 'Files/x' })],
      'the true name of a sparse file': [
        pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': '.wh...' }),
        member({ name: 'GNUSparseFile.0/x' }),
      ],
      'a folder': [member(folder('Files/.wh.../'))],
      'a symlink': [member(symlink('Files/.wh...', 'Windows'))],
      'a hard link': [member(file('Files/a', 'a')), member(hardLink('Files/.wh...', 'Files/a'))],
      'a device': [member({ name: 'Files/.wh...', type: '3' })],
      'a file with content': [member(file('Files/.wh...', 'content'))],
    }))
      it(`is refused where ${how} has it`, async () => {
        const tar = layerOf(...BASE, ...parts)
        await refusedEverywhere(windowsLayout(path.join(host.stick, 'evil'), [tar]), { expand: true })
      })
  })

  describe('in whatever holds layers', () => {
    const EVIL = layerOf(...BASE, file('Files/.wh...', ''))
    const layout = (): string => windowsLayout(path.join(host.stick, 'evil'), [EVIL], 'gzip')

    const docker = (pack: (tar: Buffer) => Buffer): string => {
      const config = {
        os: 'windows',
        architecture: 'amd64',
        rootfs: { type: 'layers', diff_ids: [digestOf(EVIL)] },
      }
      const manifest = [{ Config: 'config.json', RepoTags: ['evil:1.0'], Layers: ['layer.tar'] }]
      const members = new Map([
        ['config.json', Buffer.from(JSON.stringify(config))],
        ['layer.tar', pack(EVIL)],
        ['manifest.json', Buffer.from(JSON.stringify(manifest))],
      ])
      return host.bring('docker.tar', tarOfMembers(members))
    }

    const forms: Record<string, () => string> = {
      'an OCI layout': layout,
      'an OCI archive': () => host.bring('evil.tar', tarOfMembers(membersOf(layout()))),
      'a compressed OCI archive': () =>
        host.bring('evil.tar.gz', gzipSync(tarOfMembers(membersOf(layout())))),
      'a docker archive': () => docker((tar) => tar),
      'a docker archive with compressed layers': () => docker((tar) => gzipSync(tar)),
      'the tarball of a root filesystem': () => host.bring('rootfs.tar', EVIL),
      'the compressed tarball of one': () => host.bring('rootfs.tar.gz', gzipSync(EVIL)),
    }

    for (const [what, bring] of Object.entries(forms))
      it(`is refused by install and verify: ${what}`, async () => {
        const request = /root/.test(what) || /tarball/.test(what) ? { name: 'evil', version: '1.0' } : {}
        await refusedEverywhere(bring(), request)
      })

    for (const [what, bring] of Object.entries(forms).filter(([what]) => !/tarball/.test(what)))
      it(`is refused by save, in every form: ${what}`, async () => {
        const target = bring()
        mkdirSync(path.join(host.stick, 'saved'))
        const before = listing(host.stick)
        const wanted = { names: [target], store: path.join(host.store, '../none') }
        for (const request of [
          { path: path.join(host.stick, 'saved.tar') },
          { path: path.join(host.stick, 'saved.zip') },
          { path: path.join(host.stick, 'saved'), format: 'media' as const },
          { path: path.join(host.stick, 'saved.wim'), format: 'wim' as const },
          { path: path.join(host.stick, 'saved'), volumeSize: 8 << 20 },
        ]) {
          const error = await save({ ...wanted, ...request }).then(
            () => undefined,
            (reason) => reason,
          )
          expect(error, `${request.path}: ${error}`).to.include({ code: 'UNSAFE_NAME', exitCode: 4 })
          for (const name of readdirSync(host.stick)) expect(name).not.to.match(/^saved\./)
        }
        const after = listing(host.stick)
        for (const name of Object.keys(before)) expect(after[name]).to.equal(before[name])
      })

    it('is refused where a registry has it', async () => {
      const stop = new AbortController()
      let url = ''
      const listening = new Promise<void>((resolve) => {
        const onListening = (place: { url: string }): void => {
          url = place.url
          resolve()
        }
        void serve({
          path: layout(),
          listen: '127.0.0.1:0',
          onListening,
          onLogLine: () => {},
          signal: stop.signal,
        })
      })
      await listening
      const before = listing(host.store)
      const references = [`${url.replace('http://', '')}/evil:1.0`]
      const error = await pull({
        references,
        store: host.store,
        platform: 'windows/amd64',
        insecure: true,
      }).then(
        () => undefined,
        (reason) => reason,
      )
      stop.abort()
      expect(error, String(error)).to.include({ code: 'UNSAFE_NAME' })
      expect(listing(host.store)).to.deep.equal(before)
    })

    it('is found by verify in the store itself', async () => {
      const store = layout()
      const { problems } = await verify({ store })
      expect(problems.map(({ code }) => code)).to.deep.equal(['UNSAFE_NAME'])
    })

    it('is refused where another layer of the image is good, and another image beside it', async () => {
      const place = path.join(host.stick, 'two')
      const good = layerOf(...BASE, file('Files/a', 'a'))
      makeLayout(place, [
        { refName: 'good:1.0', layers: [{ files: {}, tar: good }] },
        {
          refName: 'evil:1.0',
          layers: [
            { files: {}, tar: good },
            { files: {}, tar: EVIL },
          ],
        },
      ])
      await refusedEverywhere(place)
    })
  })

  it('is found in a large layer while it is copied, and nothing of it is kept', async () => {
    // Random bytes do not shrink.
    const tar = layerOf(
      ...BASE,
      { name: 'Files/large', bytes: randomBytes(6 << 20) },
      file('Files/.wh...', ''),
    )
    const above = path.join(host.stick, 'above')
    const layout = windowsLayout(path.join(above, 'evil'), [tar], 'gzip')
    mkdirSync(path.join(above, 'images'))
    writeFileSync(path.join(above, 'images/notes.txt'), 'precious')
    const store = path.join(above, 'store')
    const error = await install({ targets: [layout], store, expand: true }).then(
      () => undefined,
      (reason) => reason,
    )
    expect(error).to.include({ code: 'UNSAFE_NAME' })
    expect(readdirSync(path.join(above, 'images'))).to.deep.equal(['notes.txt'])
    const saved = path.join(above, 'saved')
    mkdirSync(saved)
    const zip = path.join(above, 'saved.zip')
    for (const request of [{ path: zip }, { path: saved, volumeSize: 4 << 20 }])
      expect(
        await save({ names: [layout], ...request, store }).then(
          () => undefined,
          (reason) => reason,
        ),
      ).to.include({ code: 'UNSAFE_NAME' })
    expect(readdirSync(saved)).to.deep.equal([])
    expect(readdirSync(above).filter((name) => name.startsWith('saved.zip'))).to.deep.equal([])
    const { ok, problems } = await verify({ paths: [layout] })
    expect(problems.map((problem) => problem.code)).to.deep.equal(['UNSAFE_NAME'])
    expect(ok).to.equal(false)
  })

  describe('that are good', () => {
    const folders = scratch()
    after(() => folders.remove())

    /** Lays layers out and lists what is in Files. */
    const laidOut = async (...layers: (HostileMember | Buffer)[][]): Promise<Record<string, string>> => {
      const above = folders.folder()
      const layout = windowsLayout(
        path.join(above, 'image'),
        layers.map((members) => layerOf(...members)),
      )
      const { expanded } = await install({
        targets: [layout],
        store: path.join(above, 'store'),
        expand: true,
      })
      const image = path.join(above, 'images', LAID_OUT)
      expect(expanded?.[0]?.path).to.equal(image)
      expect(readFileSync(path.join(image, 'not-held-by-this-file-system.txt'), 'utf8')).to.match(
        /\d files\.\n$/,
      )
      expect((await verify({ paths: [layout] })).problems).to.deep.equal([])
      const found = readdirSync(image, { recursive: true, encoding: 'utf8' })
      const files = found.filter((name) => name.startsWith('Files/')).sort()
      return Object.fromEntries(files.map((name) => [name, contentOf(path.join(image, name))]))
    }

    it('take away one file, and a folder with all in it', async () => {
      const below = [
        folder('Files/'),
        file('Files/a', '1'),
        file('Files/b', '2'),
        folder('Files/d/'),
        file('Files/d/e', '3'),
      ]
      expect(await laidOut(below, [file('Files/.wh.a', ''), file('Files/.wh.d', '')])).to.deep.equal({
        'Files/b': '2',
      })
    })

    it('take away all that is in a folder, and leave what their own layer puts there, on both sides of them', async () => {
      const below = [folder('Files/'), folder('Files/d/'), file('Files/d/old', '1'), file('Files/kept', '2')]
      const above = [
        file('Files/d/before', '3'),
        file('Files/d/.wh..wh..opq', ''),
        file('Files/d/after', '4'),
      ]
      expect(await laidOut(below, above)).to.deep.equal({
        'Files/d': 'folder',
        'Files/d/after': '4',
        'Files/d/before': '3',
        'Files/kept': '2',
      })
    })

    it('take away all that is at the root of the layer', async () => {
      const below = [folder('Files/'), file('Files/old', '1'), folder('UtilityVM/'), file('UtilityVM/x', '2')]
      const above = [folder('Files/'), file('Files/new', '3'), file('.wh..wh..opq', '')]
      expect(await laidOut(below, above)).to.deep.equal({ 'Files/new': '3' })
    })

    it('take away what lies below in a folder that their own layer makes anew', async () => {
      const below = [folder('Files/'), folder('Files/d/'), file('Files/d/old', '1')]
      const above = [folder('Files/d/'), file('Files/d/new', '2'), file('Files/.wh.d', '')]
      expect(await laidOut(below, above)).to.deep.equal({ 'Files/d': 'folder', 'Files/d/new': '2' })
    })

    it('leave a file alone that their own layer brings, and take it away one layer later', async () => {
      const below = [folder('Files/'), file('Files/a', '1')]
      const above = [file('Files/a', '2'), file('Files/.wh.a', '')]
      expect(await laidOut(below, above)).to.deep.equal({ 'Files/a': '2' })
      expect(await laidOut(below, above, [file('Files/.wh.a', '')])).to.deep.equal({})
    })

    it('take nothing away where nothing is', async () => {
      const below = [folder('Files/'), file('Files/a', '1')]
      const above = [
        file('Files/.wh.b', ''),
        file('Files/none/.wh.a', ''),
        file('Files/none/.wh..wh..opq', ''),
      ]
      expect(await laidOut(below, above)).to.deep.equal({ 'Files/a': '1' })
    })
  })
})

function contentOf(place: string): string {
  return lstatSync(place).isFile() ? readFileSync(place, 'utf8') : 'folder'
}
