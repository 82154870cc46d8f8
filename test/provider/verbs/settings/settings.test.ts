import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  addSource,
  find,
  get,
  getSetting,
  install,
  listSettings,
  listSources,
  removeSource,
  search,
  setSetting,
  settingsPath,
} from '../../../../provider/index.js'
import { restoreEnvironment } from '../../../environment.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { exitCode, failure } from '../failure.js'

describe('settings and sources', () => {
  const temporary = scratch()
  const before = { ...process.env }
  let folder: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'settings')
    process.env.CONTAINERIMAGE_CONFIG_DIR = folder
    delete process.env.CONTAINERIMAGE_STORE
  })
  afterEach(() => {
    restoreEnvironment(before)
    temporary.remove()
  })

  describe('settings', () => {
    it('are kept in a file that only the user reads', async () => {
      await setSetting('platform', 'linux/arm64')
      const file = await settingsPath()
      expect(file).to.equal(path.join(folder, 'settings.json'))
      expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal({ platform: 'linux/arm64' })
      if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).to.equal(0)
    })

    it('stay behind the link that the user made to them', async () => {
      const elsewhere = path.join(temporary.folder(), 'kept.json')
      writeFileSync(elsewhere, '{"platform":"linux/arm64"}')
      mkdirSync(folder)
      symlinkSync(elsewhere, path.join(folder, 'settings.json'))
      await setSetting('store', '/x')
      expect(JSON.parse(readFileSync(elsewhere, 'utf8'))).to.deep.equal({
        platform: 'linux/arm64',
        store: '/x',
      })
      expect(lstatSync(path.join(folder, 'settings.json')).isSymbolicLink()).to.equal(true)
    })

    it('are given, listed, and forgotten, in any case', async () => {
      expect(await listSettings()).to.deep.equal({})
      await setSetting('CA-File', '/etc/ca.pem')
      expect(await getSetting('cafile')).to.equal('/etc/ca.pem')
      expect(await listSettings()).to.deep.equal({ caFile: '/etc/ca.pem' })
      await setSetting('caFile', undefined)
      expect(await getSetting('caFile')).to.equal(undefined)
    })

    it('have the token service of a registry, in the case in which registries are written', async () => {
      await setSetting('registries.Registry.example.org:5050.realm', 'https://login.example.net')
      await setSetting('registries.other.example.org.realm', 'https://sso.example.net/token')
      expect(await getSetting('registries.registry.example.org:5050.realm')).to.equal(
        'https://login.example.net/',
      )
      expect(Object.keys(await listSettings())).to.deep.equal([
        'registries.registry.example.org:5050.realm',
        'registries.other.example.org.realm',
      ])
      await setSetting('registries.registry.example.org:5050.realm', undefined)
      await setSetting('registries.other.example.org.realm', undefined)
      expect(await listSettings()).to.deep.equal({})
    })

    it('send credentials nowhere but over https', async () => {
      for (const url of ['http://login.example.net', 'login.example.net', 'https://u:p@login.example.net']) {
        const error = await failure(setSetting('registries.r.example.org.realm', url), 'SOURCE_INVALID')
        expect(error.found).not.to.contain('u:p')
      }
      expect(await listSettings()).to.deep.equal({})
      mkdirSync(folder, { recursive: true })
      const wrong = { registries: { 'r.example.org': { realms: 'https://login.example.net' } } }
      writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(wrong))
      await failure(listSettings(), 'SETTINGS_UNREADABLE')
    })

    it('do not take a key or a platform that is none', async () => {
      await failure(setSetting('colour', 'blue'), 'USAGE')
      await failure(getSetting('sources'), 'USAGE')
      await failure(setSetting('platform', 'somewhere'), 'INVALID_PLATFORM')
      expect(await listSettings()).to.deep.equal({})
    })

    it('make no file when they are only read', async () => {
      await listSettings()
      await listSources()
      expect(() => statSync(folder)).to.throw('ENOENT')
    })

    it('say where the store is', async () => {
      const layout = path.join(temporary.folder(), 'layout')
      makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { a: 'a' } }] }])
      const store = path.join(temporary.folder(), 'store')
      await setSetting('store', store)
      await install({ targets: [layout] })
      expect(await get({ store })).to.have.length(2)
      process.env.CONTAINERIMAGE_STORE = path.join(temporary.folder(), 'other')
      expect(await get()).to.have.length(0)
    })

    it('say which platform is meant', async () => {
      const layout = path.join(temporary.folder(), 'layout')
      makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { a: 'a' } }] }])
      await setSetting('platform', 'linux/s390x')
      const store = path.join(temporary.folder(), 'store')
      await failure(install({ targets: [layout], store }), 'PLATFORM_NOT_FOUND')
    })

    it('that are damaged are reported', async () => {
      mkdirSync(folder)
      writeFileSync(path.join(folder, 'settings.json'), '{ "store": ')
      await failure(listSettings(), 'SETTINGS_UNREADABLE')
      await failure(setSetting('store', '/x'), 'SETTINGS_UNREADABLE')
      expect(readFileSync(path.join(folder, 'settings.json'), 'utf8')).to.equal('{ "store": ')
    })

    it('that are damaged are reported without what they hold', async () => {
      mkdirSync(folder)
      const file = path.join(folder, 'settings.json')
      for (const [text, secret] of [
        ['{ "mirrors": ["https://u:p4ss@h/",] }', 'ss@h'],
        ['{ "store": p4ssw0rd }', '4ssw'],
        ['p4ssw0rd', '4ssw'],
        ['{ "store": "p4ss\\word" }', '4ss'],
      ] as const) {
        writeFileSync(file, text)
        for (const error of [
          await failure(listSettings(), 'SETTINGS_UNREADABLE'),
          await failure(setSetting('store', '/x'), 'SETTINGS_UNREADABLE'),
        ]) {
          const told = [error.message, error.found, error.stack, (error.cause as Error).stack].join()
          expect(told, text).not.to.contain(secret)
        }
      }
    })

    it('behind a link to what is not there are reported, as they may say whom to trust', async () => {
      const gone = path.join(temporary.folder(), 'not-mounted')
      const file = path.join(folder, 'settings.json')
      const isRefused = async () => {
        const error = await failure(get(), 'SETTINGS_UNREADABLE')
        expect(error.message).to.contain('a link to what is not there')
        await failure(setSetting('store', '/x'), 'SETTINGS_UNREADABLE')
        expect(existsSync(gone)).to.equal(false)
      }
      mkdirSync(folder)
      symlinkSync(gone, file)
      await isRefused()
      rmSync(file)
      symlinkSync('settings.json', file)
      await failure(get(), 'SETTINGS_UNREADABLE')
      rmSync(folder, { recursive: true })
      symlinkSync(gone, folder)
      await isRefused()
    })

    it('that hold something else than they should are reported', async () => {
      mkdirSync(folder)
      writeFileSync(path.join(folder, 'settings.json'), '{ "sources": 5, "store": 7 }')
      await failure(listSources(), 'SETTINGS_UNREADABLE')
      await failure(get(), 'SETTINGS_UNREADABLE')
      writeFileSync(path.join(folder, 'settings.json'), '{ "sources": [{ "name": "a" }] }')
      await failure(listSources(), 'SETTINGS_UNREADABLE')
    })

    for (const content of ['[]', 'null', '"store"', '7'])
      it(`that hold ${content} in place of an object are reported, and stay as they are`, async () => {
        mkdirSync(folder)
        const file = path.join(folder, 'settings.json')
        writeFileSync(file, content)
        expect((await failure(get(), 'SETTINGS_UNREADABLE')).message).to.contain('and no object')
        await failure(setSetting('store', '/x'), 'SETTINGS_UNREADABLE')
        expect(readFileSync(file, 'utf8')).to.equal(content)
      })

    it('that cannot be written are reported', async () => {
      writeFileSync(folder, 'a file in place of the folder')
      const error = await setSetting('store', '/x').catch((reason: unknown) => reason)
      expect(error).to.have.property('code', 'SETTINGS_UNREADABLE')
      expect(readFileSync(folder, 'utf8')).to.equal('a file in place of the folder')
    })
  })

  describe('sources', () => {
    it('are asked in the order in which they were added, and the catalog that ships last', async () => {
      await addSource({ name: 'second', location: 'https://registry.example.com/base' })
      await addSource({ name: 'first', location: 'media/usb', type: 'folder' })
      await addSource({ name: 'third', location: 'https://files.example.com/index.json' })
      expect((await listSources()).map(({ name, type }) => `${name} ${type}`)).to.deep.equal([
        'second registry',
        'first folder',
        'third index',
        'embedded embedded',
      ])
      expect((await listSources())[1]?.location).to.equal(path.resolve('media/usb'))
    })

    it('are forgotten by name, in any case', async () => {
      await addSource({ name: 'Corp', location: 'https://registry.example.com' })
      expect(await removeSource('corp')).to.deep.include({ name: 'Corp', type: 'registry' })
      expect(await listSources()).to.have.length(1)
      const error = await failure(removeSource('corp'), 'SOURCE_UNKNOWN')
      expect(exitCode(error)).to.equal(2)
    })

    it('have names of their own', async () => {
      await addSource({ name: 'Corp', location: 'https://registry.example.com' })
      await failure(addSource({ name: 'corp', location: 'https://other.example.com' }), 'SOURCE_EXISTS')
      await failure(addSource({ name: 'Embedded', location: 'https://other.example.com' }), 'SOURCE_EXISTS')
      await failure(removeSource('embedded'), 'SOURCE_UNKNOWN')
      expect(await listSources()).to.have.length(2)
    })

    it('do not have names that a shell or a path could mistake', async () => {
      for (const name of ['', '-x', 'a b', '../x', 'a/b', 'a\n', 'x'.repeat(65)])
        await failure(addSource({ name, location: 'https://registry.example.com' }), 'SOURCE_INVALID')
    })

    it('are not reached over plain http, unless they are on this machine or it is allowed', async () => {
      await failure(addSource({ name: 'a', location: 'http://registry.example.com' }), 'SOURCE_INSECURE')
      await addSource({ name: 'b', location: 'http://127.0.0.1:5000' })
      await addSource({ name: 'c', location: 'http://registry.example.com', insecure: true })
      expect((await listSources()).map((source) => source.insecure)).to.deep.equal([
        undefined,
        true,
        undefined,
      ])
    })

    it('do not take a tag rule that is not a regular expression', async () => {
      await failure(
        addSource({ name: 'a', location: 'https://r.example.com', tagRule: '(' }),
        'SOURCE_INVALID',
      )
    })

    it('that are unknown are not asked', async () => {
      await failure(find({ names: ['debian'], source: 'nobody' }), 'SOURCE_UNKNOWN')
    })
  })

  describe('find and search in a folder', () => {
    let stick: string

    beforeEach(() => {
      stick = temporary.folder()
      const layers = [{ files: { a: 'a' } }]
      makeLayout(path.join(stick, 'one'), [
        { refName: 'debian:12.5', layers },
        { refName: 'debian:12.10', layers: [{ files: { a: 'b' } }] },
        { refName: 'debian:bookworm', layers: [{ files: { a: 'c' } }] },
      ])
      makeLayout(path.join(stick, 'two'), [{ refName: 'alpine:3.20', layers }])
      writeFileSync(path.join(stick, 'broken.tar'), 'no tar at all')
      writeFileSync(path.join(stick, 'letter.txt'), 'Dear reader')
    })

    async function found(request: Parameters<typeof find>[0]): Promise<string[]> {
      const { images } = await find({ source: stick, ...request })
      return images.map((image) => `${image.name} ${image.version}`)
    }

    it('lists the newest of each name', async () => {
      expect(await found({})).to.have.members(['debian 12.10', 'alpine 3.20'])
    })

    it('takes patterns and versions', async () => {
      expect(await found({ names: ['DEB*'], allVersions: true })).to.deep.equal([
        'debian 12.10',
        'debian 12.5',
        'debian bookworm',
      ])
      expect(await found({ names: ['debian'], requiredVersion: 'bookworm' })).to.deep.equal([
        'debian bookworm',
      ])
      expect(await found({ names: ['debian'], maximumVersion: '12.9' })).to.deep.equal(['debian 12.5'])
      expect(await found({ names: ['zzz*'] })).to.deep.equal([])
    })

    it('tells platform and digest', async () => {
      const { images } = await find({ source: stick, names: ['alpine'] })
      expect(images[0]).to.deep.include({ os: 'linux', architecture: 'amd64' })
      expect(images[0]?.digest).to.match(/^sha256:/)
    })

    it('leaves out what cannot be read, and says which file', async () => {
      const { notes } = await find({ source: stick })
      expect(notes).to.have.length(1)
      expect(notes[0]).to.match(/broken\.tar is left out/)
    })

    it('finds a registered folder by the name of its source', async () => {
      await addSource({ name: 'usb', location: stick, type: 'folder' })
      const { images } = await find({ names: ['alpine'], source: 'USB' })
      expect(images.map((image) => image.source)).to.deep.equal(['usb'])
    })

    it('searches by a part of the name, and takes signs as they are', async () => {
      const names = async (term: string): Promise<string[]> =>
        (await search({ term, source: stick })).map((hit) => hit.name)
      expect(await names('BIA')).to.deep.equal(['debian'])
      expect(await names('i')).to.have.members(['debian', 'alpine'])
      expect(await names('deb*')).to.deep.equal([])
      expect(await names('[a-z]')).to.deep.equal([])
      expect(await search({ term: 'i', source: stick, limit: 1 })).to.have.length(1)
    })
  })
})
