import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { getSetting, listMirrors, listSettings, setMirrors, setSetting } from '../../../../provider/index.js'
import { run } from '../../../cli/command/run.js'
import { restoreEnvironment } from '../../../environment.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'

describe('mirrors in the settings', () => {
  const temporary = scratch()
  const before_ = { ...process.env }

  beforeEach(() => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  it('are set by registry, listed in words, and forgotten', async () => {
    await setSetting('mirrors.MCR.microsoft.com', 'https://a.example/x, https://b.example')
    expect(await listMirrors()).to.deep.equal({
      'mcr.microsoft.com': { endpoints: [{ url: 'https://a.example/x' }, { url: 'https://b.example' }] },
    })
    expect(await getSetting('mirrors.mcr.microsoft.com')).to.equal('https://a.example/x, https://b.example')
    expect(await listSettings()).to.deep.equal({
      'mirrors.mcr.microsoft.com': 'https://a.example/x, https://b.example',
    })
    await setSetting('mirrors.mcr.microsoft.com', undefined)
    expect(await listMirrors()).to.deep.equal({})
  })

  it('are extended, and the registry itself left out, by options of config set', async () => {
    const set = ['config', 'set', 'mirrors.docker.io']
    await run([...set, 'https://a.example', '--skip-verify'])
    const { code, out } = await run([...set, 'https://b.example', '--append', '--no-upstream'])
    expect(code).to.equal(0)
    expect(out).to.equal(
      'Set mirrors.docker.io to https://a.example (certificate not checked), https://b.example, nobody else.\n',
    )
    expect(await listMirrors()).to.deep.equal({
      'docker.io': {
        endpoints: [{ url: 'https://a.example', skipVerify: true }, { url: 'https://b.example' }],
        upstream: false,
      },
    })
  })

  it('have one name for Docker Hub and one for every registry', async () => {
    await setMirrors({ registry: 'index.docker.io', urls: ['https://a.example'] })
    await setMirrors({ registry: '_default', urls: ['https://b.example'] })
    expect(Object.keys(await listMirrors())).to.deep.equal(['docker.io', '*'])
  })

  it('must be URLs without credentials, of a registry that can be one', async () => {
    await failure(setSetting('mirrors.docker.io', 'https://u:secret@a.example'), 'SOURCE_INVALID')
    await failure(setSetting('mirrors.docker.io', 'http://a.example'), 'SOURCE_INSECURE')
    await failure(setSetting('mirrors.not a host', 'https://a.example'), 'INVALID_REFERENCE')
    await failure(setSetting('mirrors.', 'https://a.example'), 'INVALID_REFERENCE')
    expect(await listMirrors()).to.deep.equal({})
  })

  it('take options that other settings do not', async () => {
    const { code, err } = await run(['config', 'set', 'store', '/x', '--no-upstream'])
    expect(code).to.equal(2)
    expect(err).to.contain('--no-upstream is only for mirrors')
  })

  it('that are written wrongly by hand are reported, above all a word that would let a registry be asked', async () => {
    const folder = process.env.CONTAINERIMAGE_CONFIG_DIR ?? ''
    mkdirSync(folder)
    for (const mirrors of [
      { 'docker.io': { endpoints: [{ url: 'https://a.example' }], upsteam: false } },
      { 'docker.io': { endpoints: [{ url: 'https://a.example', capabilities: ['push'] }] } },
      { 'docker.io': ['https://a.example'] },
      ['https://a.example'],
    ]) {
      writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ mirrors }))
      await failure(listMirrors(), 'SETTINGS_UNREADABLE')
    }
  })
})
