import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { mirrorConfig, setMirrors } from '../../../../provider/index.js'
import type { MirrorEngine } from '../../../../provider/verbs/mirror-config/request.js'
import { restoreEnvironment } from '../../../environment.js'
import { scratch } from '../../../scratch.js'
import { onWindows } from '../../../windows.js'
import { failure } from '../failure.js'

describe('mirror-config', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  const SITE = 'https://site.example:5000'

  beforeEach(() => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  async function text(engine: MirrorEngine, at = 0): Promise<string> {
    return (await mirrorConfig({ engine })).files[at]?.content ?? ''
  }

  it('writes hosts.toml for containerd, with the registry itself as the server', async () => {
    await setMirrors({ registry: 'docker.io', urls: [SITE, 'https://b.example/cache'] })
    expect(await text('containerd')).to.equal(
      [
        '# /etc/containerd/certs.d/docker.io/hosts.toml',
        '# Who is asked for images of docker.io, in this order, and then the registry itself.',
        'server = "https://registry-1.docker.io"',
        '',
        '[host."https://site.example:5000"]',
        '  capabilities = ["pull", "resolve"]',
        '',
        '[host."https://b.example/v2/cache"]',
        '  capabilities = ["pull", "resolve"]',
        '  override_path = true',
        '',
      ].join('\n'),
    )
  })

  it('names a mirror as the server for containerd where the registry itself must not be asked', async () => {
    const options = { skipVerify: true, capabilities: ['pull' as const] }
    await setMirrors({ registry: '*', urls: [SITE], upstream: false, options })
    const [file] = (await mirrorConfig({ engine: 'containerd' })).files
    expect(file?.path).to.equal('/etc/containerd/certs.d/_default/hosts.toml')
    expect(file?.content).to.match(
      /^server = "https:\/\/site\.example:5000"\ncapabilities = \["pull"\]\nskip_verify = true\n/m,
    )
    expect(file?.content).to.contain('[host."https://site.example:5000"]')
  })

  it('writes version 2 of registries.conf for podman, and lets a mirror stand for a registry that must not be asked', async () => {
    const options = { insecure: true }
    await setMirrors({ registry: 'mcr.microsoft.com', urls: ['http://a.example/x', SITE], options })
    expect(await text('podman')).to.contain(
      [
        '[[registry]]',
        'prefix = "mcr.microsoft.com"',
        'location = "mcr.microsoft.com"',
        '',
        '[[registry.mirror]]',
        'location = "a.example/x"',
        'insecure = true',
        '',
        '[[registry.mirror]]',
        'location = "site.example:5000"',
      ].join('\n'),
    )
    await setMirrors({ registry: 'mcr.microsoft.com', urls: [], append: true, upstream: false })
    expect(await text('podman')).to.match(
      /prefix = "mcr\.microsoft\.com"\n#.*\nlocation = "site\.example:5000"\n/,
    )
  })

  it('writes daemon.json for docker, and says what docker cannot', async () => {
    await setMirrors({ registry: 'docker.io', urls: [SITE, 'https://b.example/cache'], upstream: false })
    await setMirrors({ registry: 'mcr.microsoft.com', urls: [SITE] })
    const { files, limits } = await mirrorConfig({ engine: 'docker' })
    expect(JSON.parse(files[0]?.content ?? '')).to.deep.equal({ 'registry-mirrors': [SITE] })
    expect(limits.join('\n')).to.contain('not for mcr.microsoft.com')
    expect(limits.join('\n')).to.contain('https://b.example/cache is left out')
    expect(limits.join('\n')).to.contain('only the network can forbid that')
  })

  it('tells docker of a mirror whose certificate is not checked', async () => {
    await setMirrors({ registry: '*', urls: [SITE], options: { skipVerify: true } })
    expect(JSON.parse(await text('docker'))).to.deep.equal({
      'registry-mirrors': [SITE],
      'insecure-registries': ['site.example:5000'],
    })
  })

  it('brings the authority of a mirror along', async () => {
    const caFile = path.join(temporary.folder(), 'ca.pem')
    writeFileSync(caFile, 'an authority')
    await setMirrors({ registry: 'docker.io', urls: [SITE], options: { caFile } })
    const places = { containerd: 'containerd/certs.d/docker.io/site.example_5000_.crt' }
    const folder = process.platform === 'win32' ? 'site.example_5000_' : 'site.example:5000'
    const host = `certs.d/${folder}/ca.crt`
    for (const [engine, place] of Object.entries({
      ...places,
      podman: `containers/${host}`,
      docker: `docker/${host}`,
    })) {
      const output = temporary.folder()
      await mirrorConfig({ engine: engine as MirrorEngine, output })
      expect(readFileSync(path.join(output, 'etc', place), 'utf8')).to.equal('an authority')
    }
  })

  it('writes names that a stick can hold, and says how to rename them', async () => {
    const caFile = path.join(temporary.folder(), 'ca.pem')
    writeFileSync(caFile, 'an authority')
    await setMirrors({ registry: 'docker.io', urls: ['https://mirror.example:8443'], options: { caFile } })
    for (const [engine, of] of [
      ['docker', 'docker'],
      ['podman', 'containers'],
    ] as const) {
      const output = temporary.folder()
      const { files, next } = await onWindows({}, () => mirrorConfig({ engine, output }))
      const at = `/etc/${of}/certs.d/mirror.example_8443_`
      expect(files.map(({ written }) => written)).to.deep.equal([undefined, `${at}/ca.crt`])
      expect(readFileSync(path.join(output, at, 'ca.crt'), 'utf8')).to.equal('an authority')
      expect(next[0]).to.include(`mv ${at} /etc/${of}/certs.d/mirror.example:8443`)
      await failure(
        onWindows({}, () => mirrorConfig({ engine, output })),
        'FILE_EXISTS',
      )
    }
  })

  it('writes over nothing, unless it is told to, and nothing with what-if', async () => {
    await setMirrors({ registry: 'docker.io', urls: [SITE] })
    const output = path.join(temporary.folder(), 'root')
    await mirrorConfig({ engine: 'docker', output, whatIf: true })
    expect(existsSync(output)).to.equal(false)
    await mirrorConfig({ engine: 'docker', output })
    await failure(mirrorConfig({ engine: 'docker', output }), 'FILE_EXISTS')
    await setMirrors({ registry: 'docker.io', urls: ['https://b.example'] })
    await mirrorConfig({ engine: 'docker', output, force: true })
    expect(readFileSync(path.join(output, 'etc/docker/daemon.json'), 'utf8')).to.contain('b.example')
  })

  it('asks for mirrors where a registry has none', async () => {
    await failure(mirrorConfig({ engine: 'podman' }), 'NO_MATCH')
    await setMirrors({ registry: 'docker.io', urls: [SITE] })
    const error = await failure(mirrorConfig({ engine: 'podman', registries: ['quay.io'] }), 'NO_MATCH')
    expect(error).to.have.property('message').that.contains('quay.io')
  })
})
