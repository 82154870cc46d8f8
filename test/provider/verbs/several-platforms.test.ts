import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { copy, find, get, history, inspect, install, pull, push, save } from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { AMD64, ARM64, S390X } from '../../fixtures/indexed-layouts.js'
import { ScriptedYear } from '../../fixtures/scripted-year.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from './failure.js'

const TWO = ['linux/arm64', 'linux/s390x']

describeWithPeers(['docker-registry', 'skopeo'], 'several platforms of an image', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  let folder: string
  let year: ScriptedYear
  let name: string

  before(async () => {
    folder = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(folder, 'settings')
    process.env.CONTAINERIMAGE_STORE = path.join(folder, 'store')
    year = await ScriptedYear.start(folder)
    year.publish('base', '1.0', { platforms: [AMD64, ARM64, S390X] })
    name = `${year.host}/base:1.0`
  })
  after(async () => {
    restoreEnvironment(environment)
    await year?.stop()
    temporary.remove()
  })

  function made(called: string): string {
    const one = path.join(folder, called)
    mkdirSync(one)
    return one
  }

  async function saved(called: string): Promise<string> {
    const stick = made(called)
    await save({ names: [name], platform: TWO, path: stick })
    const [file = '', ...others] = readdirSync(stick)
    expect(others).to.deep.equal([])
    return path.join(stick, file)
  }

  const platforms = (images: { platform: string }[]): string[] => images.map((one) => one.platform).sort()

  it('are found as a row each, and those that there are', async () => {
    const { images } = await find({ names: [name], platform: [...TWO, 'windows/amd64'] })
    expect(images.map(({ architecture }) => architecture)).to.deep.equal(['arm64', 's390x'])
  })

  it('are all named where an index goes as a whole', async () => {
    const all = ['linux/amd64', ...TWO]
    const stick = made('whole')
    const { images } = await save({ names: [name], allPlatforms: true, path: stick })
    expect(images[0]?.platforms).to.have.members(all)
    const [file = ''] = readdirSync(stick)
    const target = { targets: [path.join(stick, file)], allPlatforms: true, store: made('whole store') }
    const planned = await install({ ...target, whatIf: true })
    const installed = await install(target)
    for (const result of [planned, installed]) expect(result.images[0]?.platforms).to.have.members(all)
    const one = await save({ names: [name], platform: 'linux/arm64', path: made('one of them') })
    expect(one.images[0]).not.to.have.property('platforms')
  })

  it('are saved into one archive, and installed from it each or all', async () => {
    const file = await saved('archive')
    const all = await install({ targets: [file], platform: 'linux/s390x,linux/arm64', store: made('all') })
    expect(platforms(all.images)).to.deep.equal(TWO)
    const one = await install({ targets: [file], platform: ['linux/s390x'], store: made('one') })
    expect(platforms(one.images)).to.deep.equal(['linux/s390x'])
    await failure(
      install({ targets: [file], platform: ['linux/arm64', 'linux/amd64'] }),
      'PLATFORM_NOT_FOUND',
    )
  })

  it('are installed side by side, from an archive with one complete index too', async () => {
    const file = path.join(made('index'), 'all.tar')
    await save({ names: [name], allPlatforms: true, path: file })
    const store = made('side')
    await install({ targets: [file], platform: TWO, store })
    const rows = (await get({ store })).filter(({ tag }) => tag === '1.0')
    expect(rows.map(({ architecture }) => architecture).sort()).to.deep.equal(['arm64', 's390x'])
  })

  for (const [form, file] of [
    ['media', 'stick'],
    ['tar', 'all.tar'],
    ['zip', 'all.zip'],
  ] as const)
    it(`are each found and installed by name from a ${form} with a complete index`, async () => {
      const place = path.join(made(`named-${form}`), file)
      await save({
        names: [name],
        allPlatforms: true,
        path: place,
        ...(form === 'media' && { format: form, force: true }),
      })
      for (const platform of [AMD64, ARM64, S390X].map(({ architecture }) => `linux/${architecture}`)) {
        const { images: found } = await find({ source: place, platform: [platform] })
        expect(found.map(({ os, architecture }) => `${os}/${architecture}`)).to.deep.equal([platform])
        const store = path.join(folder, `by-name-${form}-${platform.slice(6)}`)
        const { images } = await install({ targets: ['base'], source: place, platform: [platform], store })
        expect(platforms(images)).to.deep.equal([platform])
      }
      const rows = await find({ source: place, platform: [...TWO, 'windows/amd64'] })
      expect(rows.images.map(({ architecture }) => architecture)).to.deep.equal(['arm64', 's390x'])
      await failure(
        install({ targets: ['base'], source: place, platform: ['linux/riscv64'] }),
        'PLATFORM_NOT_FOUND',
      )
    })

  it('are each inspected by platform, from an archive and from a store', async () => {
    const file = await saved('inspected')
    const store = made('inspected-store')
    await install({ targets: [file], platform: TWO, store })
    for (const one of [file, 'base:1.0'])
      for (const platform of TWO) {
        const images = await inspect({ names: [one], platform, store })
        expect(platforms(images as { platform: string }[]), one).to.deep.equal([platform])
        const steps = await history({ name: one, platform, store })
        expect(steps).not.to.deep.equal([])
      }
    const error = await failure(inspect({ names: [file], platform: 'linux/amd64' }), 'PLATFORM_NOT_FOUND')
    expect(error.details?.platforms).to.have.members(TWO)
  })

  it('are pulled by one reference', async () => {
    const { images } = await pull({ references: [name], platform: TWO, store: made('pulled') })
    expect(platforms(images)).to.deep.equal(TWO)
  })

  it('are pushed as an index of just these, the same each time', async () => {
    const file = await saved('pushed')
    const once = await push({ names: [file], platform: TWO, registry: `${year.host}/site` })
    const again = await push({ names: [file], platform: TWO, registry: `${year.host}/again` })
    expect(again.images[0]?.digest).to.equal(once.images[0]?.digest)
    const all = await push({ names: [file], allPlatforms: true, registry: `${year.host}/all` })
    expect(all.images[0]?.digest).to.equal(once.images[0]?.digest)
    const raw = runPeer('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${year.host}/site/base:1.0`,
    ])
    const { manifests } = JSON.parse(String(raw)) as { manifests: { platform: { architecture: string } }[] }
    expect(manifests.map(({ platform }) => platform.architecture)).to.deep.equal(['arm64', 's390x'])
  })

  it('are copied as an index of just these, from a registry, an archive, a media or a name', async () => {
    const file = await saved('copied')
    const stick = made('copied-media')
    await save({ names: [name], platform: TWO, path: stick, format: 'media' })
    const store = made('copied-store')
    await install({ targets: [file], platform: TWO, store })
    const digests = new Set<string>()
    for (const [at, image] of [name, file, stick, 'base'].entries()) {
      const { images } = await copy({
        image,
        ...(image === 'base' && { source: stick }),
        destination: `${year.host}/copied${at}/base:1.0`,
        platform: TWO,
        store,
      })
      expect(images).to.have.length(1)
      digests.add(images[0]?.digest ?? '')
    }
    expect(digests).to.have.length(1)
    const one = { image: name, destination: `${year.host}/meant/base@${[...digests][0]}` }
    await copy({ ...one, platform: TWO, store })
    await failure(copy({ ...one, platform: ['linux/arm64', 'linux/amd64'], store }), 'DIGEST_MISMATCH')
  })
})
