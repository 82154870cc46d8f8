import path from 'node:path'
import { expect } from 'chai'
import { restoreEnvironment } from '../environment.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { describeWithPeers } from '../peers/peers.js'
import { type FaultyServer, json, startFaultyServer } from '../provider/registry/faulty-server.js'
import { makeSmallImage, push, type SmallImage } from '../provider/registry/small-image.js'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describeWithPeers(['docker-registry', 'skopeo'], 'pull and search, as docker has them', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  let registry: DockerRegistry
  let image: SmallImage
  let store: string

  before(async () => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
    process.env.HOME = temporary.folder()
    registry = await startDockerRegistry()
    image = makeSmallImage(temporary.folder())
    for (const name of ['base/debian:latest', 'base/debian:12', 'other/alpine:3'])
      push(image, `${registry.host}/${name}`)
  })
  after(async () => {
    restoreEnvironment(before_)
    await registry.stop()
    temporary.remove()
  })
  beforeEach(() => {
    store = temporary.folder()
  })

  const pull = (...words: string[]) => run(['pull', ...words, '--store', store])

  it('pull prints what docker prints, and says the next time that nothing is newer', async () => {
    const name = `${registry.host}/base/debian:12`
    const lines = (status: string) =>
      [
        `12: Pulling from base/debian`,
        `Digest: ${image.manifest.digest}`,
        `Status: ${status} for ${name}`,
        name,
        '',
      ].join('\n')
    const first = await pull(name)
    expect(first.out).to.equal(lines('Downloaded newer image'))
    expect(first.err).to.match(/Copied \d.* kB, reused 0 B\./)
    expect((await pull(name)).out).to.equal(lines('Image is up to date'))
  })

  it('pull takes latest where no tag is named', async () => {
    const { out, err } = await pull(`${registry.host}/base/debian`)
    expect(out, err).to.contain(`\n${registry.host}/base/debian:latest\n`)
    const { out: json_ } = await pull(`${registry.host}/base/debian`, '--json')
    expect(JSON.parse(json_).images[0].version).to.equal('latest')
  })

  it('pull of a name of the catalog without a tag asks for latest, as docker does', async () => {
    await run(['source', 'add', 'lab', `http://${registry.host}`])
    const { out, err } = await pull('debian', '--quiet')
    expect(out, err).to.equal(`${registry.host}/base/debian:latest\n`)
    await run(['source', 'remove', 'lab'])
  })

  it('pull --quiet prints the reference alone', async () => {
    const { out, err } = await pull(`${registry.host}/base/debian:12`, '--quiet')
    expect(out).to.equal(`${registry.host}/base/debian:12\n`)
    expect(err).to.equal('')
  })

  it('pull --all-tags brings every tag', async () => {
    const { out, err } = await pull(`${registry.host}/base/debian`, '-a', '--quiet')
    expect(out.trim().split('\n'), err).to.have.members([
      `${registry.host}/base/debian:12`,
      `${registry.host}/base/debian:latest`,
    ])
    const rows = JSON.parse((await run(['get', '--store', store, '--json'])).out)
    expect(rows.map(({ tag }: { tag: string }) => tag)).to.have.members(['12', 'latest'])
  })

  it('search looks in one registry, by its host before the term or as the source', async () => {
    for (const words of [
      [`${registry.host}/DEB`],
      ['deb', '--source', registry.host],
      ['deb', '--source', `http://${registry.host}`],
    ]) {
      const { out, err } = await run(['search', ...words, '--json'])
      expect(JSON.parse(out || '[]'), err).to.have.length(1)
      expect(JSON.parse(out)[0]).to.include({ name: 'debian', description: `${registry.host}/base/debian` })
    }
    const { out } = await run(['search', `${registry.host}/a`, '--limit', '1', '--json'])
    expect(JSON.parse(out)).to.have.length(1)
  })

  it('search says where a registry does not list what it has', async () => {
    const closed = await startFaultyServer((_, response) => json(response, 403, {}))
    const { code, err } = await run(['search', 'deb', '--source', closed.host])
    expect(code).to.equal(7)
    expect(err).to.contain(`CATALOG_CLOSED: ${closed.host} does not list its repositories.`)
    expect(err).to.contain('Ask for an exact name')
    await closed.stop()
  })
})

describe('search on a registry with many pages', () => {
  let server: FaultyServer

  afterEach(() => server.stop())

  it('reads every page', async () => {
    server = await startFaultyServer((request, response) =>
      request.url.includes('last=')
        ? json(response, 200, { repositories: ['z/debian'] })
        : json(response, 200, { repositories: ['a/alpine'] }, { link: '</v2/_catalog?last=a>; rel="next"' }),
    )
    const { out } = await run(['search', 'debian', '--source', server.host, '--json'])
    expect(JSON.parse(out)).to.have.length(1)
  })

  it('gives up on pages that do not end', async () => {
    server = await startFaultyServer((_, response) =>
      json(response, 200, { repositories: ['a'] }, { link: '</v2/_catalog?last=a>; rel="next"' }),
    )
    const { code, err } = await run(['search', 'debian', '--source', server.host])
    expect(code).to.equal(7)
    expect(err).to.contain('do not end')
  })
})
