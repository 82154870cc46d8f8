import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { tagCache } from '../../provider/sources/tag-cache.js'
import { run } from '../cli/command/run.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout, tarOf } from '../fixtures/layout.js'
import { makeWim } from '../fixtures/wim.js'
import { scratch } from '../scratch.js'

const isPosix = process.platform !== 'win32'

;(isPosix ? describe : describe.skip)('folders and files that others may write to', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  const umask = process.umask()
  let home: string
  let store: string

  beforeEach(() => {
    home = temporary.folder()
    store = path.join(home, 'data', 'store')
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'config', 'containerimage')
    process.env.XDG_DATA_HOME = path.join(home, 'xdg')
    process.env.CONTAINERIMAGE_STORE = store
  })
  afterEach(() => {
    process.umask(umask)
    restoreEnvironment(before_)
    temporary.remove()
  })

  const at = (...names: string[]) => path.join(home, ...names)
  const modeOf = (file: string) => statSync(file).mode & 0o777
  const layout = () => {
    makeLayout(at('layout'), [{ refName: 'debian:12.5', layers: [{ files: { data: 100_000 } }] }])
    return at('layout')
  }
  async function done(...words: string[]): Promise<string> {
    const { code, err } = await run(words)
    expect(code, `${words.join(' ')}: ${err}`).to.equal(0)
    return err
  }

  it('are not made by any verb, however open the umask is', async () => {
    const source = layout()
    await makeWim(at('nano.wim'), { size: 1000 })
    writeFileSync(at('root.tar'), tarOf({ 'etc/os-release': 'ID=x\n' }))
    const made = new Set(readdirSync(home, { recursive: true, encoding: 'utf8' }))
    process.umask(0)
    await done('config', 'set', 'store', store)
    await done('source', 'add', 'stick', source)
    await done('config', 'set', 'mirrors.docker.io', 'https://m.invalid')
    await done('install', source, '--receipt', at('new', 'r.jsonl'))
    await done('install', at('nano.wim'), '--expand')
    await done('install', at('root.tar'), '--name', 'x', '--version', '1.0', '--platform', 'linux/amd64')
    await done('find', 'debian', '--source', 'stick')
    await done('inventory', '--path', at('inventory.json'))
    await done('mirror-config', 'podman', '--output', at('engine'))
    for (const [name, ...more] of [
      ['new/debian.tar'],
      ['new/debian.zip'],
      ['new/media', '--format', 'media'],
      ['new/volumes', '--volume-size', '2m', '--recovery', '10%'],
    ] as const)
      await done('save', 'debian:12.5', '--source', store, '--path', at(name), '--force', ...more)
    const open = readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter((name) => !made.has(name))
      .filter((name) => !lstatSync(at(name)).isSymbolicLink() && (modeOf(at(name)) & 0o022) !== 0)
    expect(open).to.deep.equal([])
    expect(modeOf(at('config'))).to.equal(0o700)
    expect(modeOf(at('config', 'containerimage'))).to.equal(0o700)
    expect(modeOf(at('config', 'containerimage', 'settings.json'))).to.equal(0o600)
    expect(modeOf(store)).to.equal(0o755)
  })

  it('are not made where the tags of registries are kept', async () => {
    process.umask(0)
    await tagCache(at('xdg', 'tags')).set('docker.io/library/debian', ['1.0'])
    expect(modeOf(at('xdg'))).to.equal(0o755)
    expect(modeOf(at('xdg', 'tags'))).to.equal(0o755)
    expect(readdirSync(at('xdg', 'tags')).map((name) => modeOf(at('xdg', 'tags', name)))).to.deep.equal([
      0o600,
    ])
  })

  it('are no more open than the umask allows, and what was there stays as it was', async () => {
    mkdirSync(at('config', 'containerimage'), { recursive: true, mode: 0o750 })
    process.umask(0o077)
    await done('install', layout())
    await done('config', 'set', 'platform', 'linux/amd64')
    expect(modeOf(store)).to.equal(0o700)
    expect(modeOf(path.join(store, 'blobs', 'sha256'))).to.equal(0o700)
    expect(modeOf(at('config', 'containerimage'))).to.equal(0o750)
  })

  it('keep the settings for their user alone, though they were open before', async () => {
    await done('config', 'set', 'platform', 'linux/amd64')
    const file = at('config', 'containerimage', 'settings.json')
    chmodSync(file, 0o666)
    await done('config', 'set', 'store', store)
    expect(modeOf(file)).to.equal(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.include({ platform: 'linux/amd64' })
  })

  for (const [what, mode] of [
    ['', 0o777],
    ['', 0o775],
    ['', 0o1777],
    ['blobs', 0o757],
    ['blobs/sha256', 0o777],
    ['ingest', 0o772],
    ['index.json', 0o666],
  ] as const)
    it(`are told of once: ${what || 'the store'} with mode ${mode.toString(8)}`, async () => {
      await done('install', layout())
      expect(await done('get')).to.equal('')
      chmodSync(path.join(store, what), mode)
      const told = await done('get')
      expect(told).to.contain(`Others may write to ${path.join(store, what)}`)
      expect(told).to.contain(`chmod -R go-w ${store}`)
      expect(told.trimEnd().split('\n')).to.have.length(1)
      expect(await done('get')).to.equal('')
      expect(await done('verify')).to.equal('')
    })

  it('are not told of where only the data was asked for', async () => {
    await done('install', layout())
    chmodSync(store, 0o777)
    expect(await done('get', '--quiet')).to.equal('')
  })
})
