import { cpSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Manifest } from '../../../manifests/index.js'
import { install, save, uninstall } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { ask, codeOf, type RunningServer, startServing } from './serving.js'

const { folder, remove } = scratch()

describe('the names under which serve offers images', () => {
  let server: RunningServer | undefined

  afterEach(async () => {
    await server?.stop()
    server = undefined
  })
  after(remove)

  async function serving(images: Parameters<typeof makeLayout>[1]): Promise<RunningServer> {
    const layout = folder()
    makeLayout(layout, images)
    server = await startServing({ path: layout })
    return server
  }

  async function statusOf(path: string): Promise<number> {
    return (await ask(server as RunningServer, path)).status
  }

  const layers = [{ files: { a: 'x' } }]

  it('are exact names, docker’s library, and what mirrors ask for', async () => {
    await serving([
      { refName: 'debian:12.5', layers },
      {
        refName: 'nanoserver:ltsc2022',
        annotations: { [ANNOTATIONS.source]: 'mcr.microsoft.com/windows/nanoserver:ltsc2022' },
        layers: [{ files: { b: 'y' } }],
      },
    ])
    for (const path of [
      'debian/manifests/12.5',
      'library/debian/manifests/12.5',
      'library/debian/manifests/12.5?ns=docker.io',
      'windows/nanoserver/manifests/ltsc2022?ns=mcr.microsoft.com',
      'docker.io/library/debian/tags/list',
    ])
      expect(await statusOf(`/v2/${path}`), path).to.equal(200)
    for (const path of [
      'library/ubuntu/manifests/12.5',
      'bitnami/debian/manifests/12.5',
      'debian/manifests/12.5?ns=quay.io',
      'library/nanoserver/manifests/ltsc2022?ns=docker.io',
      'evil/windows/nanoserver/manifests/ltsc2022',
    ])
      expect(await statusOf(`/v2/${path}`), path).to.equal(404)
  })

  it('prefer the recorded origin, and do not pass one registry’s image for another’s', async () => {
    const from = (source: string, content: string, refName: string) => ({
      refName,
      annotations: { [ANNOTATIONS.source]: source },
      layers: [{ files: { a: content } }],
    })
    await serving([
      from('docker.io/library/debian:12.5', 'one', 'debian:12.5'),
      from('example.com/base/debian:12.5', 'two', 'own/debian:12.5'),
      from('example.com/base/tool:1.0', 'three', 'tool:1.0'),
    ])
    const digestAt = async (path: string) =>
      (await ask(server as RunningServer, `/v2/${path}`)).headers['docker-content-digest']
    const [hub, own] = [await digestAt('debian/manifests/12.5'), await digestAt('own/debian/manifests/12.5')]
    expect(hub).not.to.equal(own)
    expect(await digestAt('library/debian/manifests/12.5?ns=docker.io')).to.equal(hub)
    expect(await digestAt('library/debian/manifests/12.5?ns=registry-1.docker.io')).to.equal(hub)
    expect(await digestAt('base/debian/manifests/12.5?ns=example.com')).to.equal(own)
    expect(await digestAt('base/debian/manifests/12.5')).to.equal(own)
    expect(await statusOf('/v2/library/tool/manifests/1.0?ns=docker.io')).to.equal(404)
    expect(await statusOf('/v2/third/debian/manifests/12.5')).to.equal(404)
  })

  it('are not short ones that several end in', async () => {
    await serving([
      { refName: 'quay.io/team/app:1.0', layers },
      { refName: 'ghcr.io/team/app:1.0', layers: [{ files: { b: 'y' } }] },
      { refName: 'quay.io/team/tool:1.0', layers: [{ files: { c: 'z' } }] },
    ])
    for (const name of ['team/app', 'app']) {
      const ambiguous = await ask(server as RunningServer, `/v2/${name}/manifests/1.0`)
      expect([ambiguous.status, codeOf(ambiguous)], name).to.deep.equal([404, 'NAME_UNKNOWN'])
      expect(ambiguous.body.toString(), name).to.contain('quay.io/team/app or ghcr.io/team/app')
    }
    expect(await statusOf('/v2/team/app/manifests/1.0?ns=ghcr.io')).to.equal(200)
    expect(await statusOf('/v2/team/app/manifests/1.0?ns=docker.io')).to.equal(404)
    expect(await statusOf('/v2/tool/manifests/1.0')).to.equal(200)
  })

  it('are whole ones before those that have a registry with a port before them', async () => {
    await serving([
      { refName: 'registry.site:5000/team/app:1.0', layers },
      { refName: 'team/app:1.0', layers: [{ files: { b: 'y' } }] },
    ])
    const digestOf = async (query: string): Promise<unknown> =>
      (await ask(server as RunningServer, `/v2/team/app/manifests/1.0${query}`)).headers[
        'docker-content-digest'
      ]
    const [own, elsewhere] = [await digestOf(''), await digestOf('?ns=registry.site:5000')]
    expect(own).to.match(/^sha256:/)
    expect(elsewhere)
      .to.match(/^sha256:/)
      .and.not.equal(own)
    expect(await digestOf('?ns=docker.io')).to.equal(own)
    expect(server?.repositories).to.deep.equal(['team/app'])
  })

  it('are those of an archive with full names, with the host and without', async () => {
    await serving([{ refName: 'docker.io/library/debian:12.5', layers }])
    for (const name of ['docker.io/library/debian', 'library/debian', 'debian'])
      expect(await statusOf(`/v2/${name}/manifests/12.5`), name).to.equal(200)
    expect(server?.repositories).to.deep.equal(['debian'])
  })

  it('are the file’s own where an image has a bare tag or none', async () => {
    const place = path.join(folder(), 'tool-1-0')
    makeLayout(place, [{ refName: '1.0', layers }])
    server = await startServing({ path: place })
    expect(await statusOf('/v2/tool/manifests/1.0')).to.equal(200)
  })

  it('follow the store: an install and an uninstall are seen at once', async () => {
    const [store, layout] = [path.join(folder(), 'store'), folder()]
    makeLayout(layout, [{ refName: 'debian:12.5', layers }])
    server = await startServing({ store })
    expect(server.repositories).to.deep.equal([])
    expect(await statusOf('/v2/debian/manifests/12.5')).to.equal(404)
    await install({ targets: [layout], store })
    const { status, body } = await ask(server, '/v2/debian/manifests/latest')
    expect(status).to.equal(200)
    const { config } = JSON.parse(body.toString('utf8')) as Manifest
    expect(await statusOf(`/v2/debian/blobs/${config.digest}`)).to.equal(200)
    await uninstall({ name: 'debian', version: '12.5', store })
    expect(await statusOf('/v2/debian/manifests/latest')).to.equal(404)
    expect(await statusOf(`/v2/debian/blobs/${config.digest}`)).to.equal(404)
  })

  it('serve a tag on while an index is there that cannot be read, and say so', async () => {
    const layout = folder()
    makeLayout(layout, [{ refName: 'debian:12.5', layers }])
    server = await startServing({ path: layout })
    cpSync(path.join(layout, 'index.json'), path.join(layout, 'good'))
    writeFileSync(path.join(layout, 'index.json'), '{')
    expect(await statusOf('/v2/debian/manifests/12.5')).to.equal(200)
    expect(server.notes.join()).to.contain('index.json')
    renameSync(path.join(layout, 'good'), path.join(layout, 'index.json'))
    expect(await statusOf('/v2/debian/manifests/12.5')).to.equal(200)
  })

  for (const format of ['oci-archive', 'docker-archive', 'media', 'zip', 'volumes'] as const)
    it(`are served out of ${format}, with every blob whole`, async () => {
      const [layout, place, store] = [folder(), folder(), path.join(folder(), 'store')]
      makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { a: 5_000_000 } }] }])
      const how = format === 'volumes' ? { volumeSize: 2_200_000 } : { format }
      const { files } = await save({ names: [layout], path: place, store, ...how })
      const target = format === 'media' || format === 'volumes' ? place : (files[0]?.path ?? '')
      server = await startServing({ path: target, store })
      const { status, body } = await ask(server, '/v2/debian/manifests/12.5')
      expect(status).to.equal(200)
      const { config, layers: wanted } = JSON.parse(body.toString('utf8')) as Manifest
      for (const { digest, size } of [config, ...wanted]) {
        const blob = await ask(server, `/v2/debian/blobs/${digest}`)
        expect([blob.status, blob.isBroken, blob.body.length]).to.deep.equal([200, false, size])
        const part = await ask(server, `/v2/debian/blobs/${digest}`, { headers: { Range: 'bytes=10-19' } })
        expect(part.body.equals(blob.body.subarray(10, 20))).to.equal(true)
      }
    })
})
