import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, getSetting } from '../../provider/index.js'
import { storeLocation } from '../../provider/session/settings/store-location.js'
import { restoreEnvironment } from '../environment.js'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describe('a value that is given and empty', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  const folder = process.cwd()

  beforeEach(() => {
    const home = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    process.env.XDG_DATA_HOME = path.join(home, 'data')
    process.env.LOCALAPPDATA = path.join(home, 'data')
    process.env.CONTAINERIMAGE_STORE = path.join(home, 'store')
    process.chdir(home)
  })
  afterEach(() => {
    process.chdir(folder)
    restoreEnvironment(before_)
    temporary.remove()
  })

  for (const [label, words] of [
    ['--store', ['get', '--store', '']],
    ['--store', ['get', '--store=']],
    ['--store', ['get', '-Store', '']],
    ['--store', ['install', './x.tar', '--store', '']],
    ['--store', ['--store', '', 'get']],
    ['--path', ['save', 'debian', '--path', '']],
    ['--path', ['inventory', '--path', '']],
    ['--source', ['find', 'debian', '--source', '']],
    ['--base', ['save', 'debian', '--path', '.', '--base', '']],
    ['--output', ['mirror-config', 'podman', '--output', '']],
    ['--receipt', ['install', './x.tar', '--receipt', '']],
    ['--wim-path', ['install', './x.tar', '--wim-path', '']],
    ['--ca-file', ['find', '--ca-file', '']],
    ['--engine-address', ['get', '--engine', 'docker', '--engine-address', '']],
    ['--progress', ['get', '--progress', '']],
    ['path', ['verify', '']],
    ['path', ['verify', './x', '']],
    ['path', ['serve', '']],
    ['path', ['media', 'status', '']],
    ['name-or-path', ['install', '']],
    ['name', ['uninstall', '']],
    ['name', ['uninstall', '-Name', '']],
    ['name', ['save', '', '--path', '.']],
    ['location', ['source', 'add', 'x', '']],
    ['key', ['config', 'set', '', 'x']],
  ] as const)
    it(`is refused: ${words.map((word) => word || "''").join(' ')}`, async () => {
      const { code, out, err } = await run([...words])
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.match(/^Error USAGE: /)
      expect(err).to.contain(`${label} is empty.`)
      expect(readdirSync('.')).to.deep.equal([])
    })

  it('forgets a setting, where that is what it means', async () => {
    expect((await run(['config', 'set', 'store', './elsewhere'])).code).to.equal(0)
    expect((await run(['config', 'set', 'store', ''])).code).to.equal(0)
    expect(await getSetting('store')).to.equal(undefined)
  })

  it('is not a mistake in the middle of a value that ends as an option begins', async () => {
    const { code } = await run(['source', 'add', 'lab', 'http://localhost:5000', '--tag-rule', 'v='])
    expect(code).to.equal(0)
  })

  it('is refused by the library, too', async () => {
    const error = await get({ store: '' }).catch((reason) => reason)
    expect(error.code).to.equal('USAGE')
    expect(existsSync('data')).to.equal(false)
  })

  it('of a variable is one that is not set', async () => {
    process.env.CONTAINERIMAGE_STORE = ''
    expect(await storeLocation(undefined)).to.equal(path.resolve('data/containerimage/store'))
  })
})
