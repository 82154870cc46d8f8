import { copyFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor } from '../../../../manifests/index.js'
import { get, install, prune, tag, uninstall, verify } from '../../../../provider/index.js'
import { announceArrival } from '../../../../provider/store/arrivals.js'
import { Places } from '../../../../provider/store/places.js'
import { type MadeImage, makeLayout, readIndex } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { exitCode, failure } from '../failure.js'
import { blobBytes, blobsIn, filesIn } from '../on-disk.js'
import { addCosignTag, addReferrer } from '../signed.js'

const BASE = { files: { 'etc/base': 'base' } }

function nano(version: string, ...more: string[]): MadeImage {
  const own = { files: { 'etc/version': version } }
  return {
    refName: `nanoserver:${version}`,
    annotations: { [ANNOTATIONS.name]: 'NanoServer', [ANNOTATIONS.publisher]: 'Microsoft' },
    layers: [own, ...more.map((text) => ({ files: { 'etc/more': text } }))],
  }
}

describe('uninstall', () => {
  const temporary = scratch()
  let store: string
  let folder: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  async function installed(...images: MadeImage[]): Promise<Descriptor[]> {
    const roots = makeLayout(folder, images)
    await install({ targets: [folder], store })
    return roots
  }

  async function tags(): Promise<string[]> {
    return (await get({ store })).map((image) => `${image.repository}:${image.tag}`)
  }

  it('removes the one version that a name has, with all names that its installation gave', async () => {
    const [root] = await installed(nano('10.0.1'))
    await tag({ from: 'nanoserver:10.0.1', to: 'nanoserver:stable', store })
    const result = await uninstall({ name: 'nanoserver', store })
    expect(result.removed).to.deep.equal([
      {
        name: 'NanoServer',
        version: '10.0.1',
        fullName: 'CN=Microsoft_NanoServer_10.0.1',
        digest: root?.digest,
        tags: ['nanoserver:10.0.1', 'nanoserver:latest', 'nanoserver:stable'],
      },
    ])
    expect(result).not.to.have.property('latest')
    expect(await tags()).to.deep.equal([])
    expect(blobsIn(store)).to.deep.equal([])
  })

  it('keeps an image for another repository’s name, and says so', async () => {
    await installed(nano('10.0.1'))
    await tag({ from: 'nanoserver:10.0.1', to: 'lab/nano:mine', store })
    const { removed, freedBytes } = await uninstall({ name: 'nanoserver', store })
    expect(removed.map(({ remaining }) => remaining)).to.deep.equal([['lab/nano:mine']])
    expect(freedBytes).to.equal(0)
    expect(await tags()).to.deep.equal(['lab/nano:mine'])
    expect((await verify({ store })).ok).to.equal(true)
    await uninstall({ name: 'lab/nano:mine', store })
    expect(blobsIn(store)).to.deep.equal([])
  })

  it('takes one name away where a tag is given, and the image with its last name', async () => {
    await installed(nano('10.0.1'))
    await tag({ from: 'nanoserver:10.0.1', to: 'nanoserver:stable', store })
    const first = await uninstall({ name: 'nanoserver:stable', store })
    expect(first.removed[0]).to.deep.include({
      tags: ['nanoserver:stable'],
      remaining: ['nanoserver:10.0.1', 'nanoserver:latest'],
    })
    await uninstall({ name: 'nanoserver:10.0.1', store })
    expect(await tags()).to.deep.equal(['nanoserver:latest'])
    const last = await uninstall({ name: 'nanoserver:latest', store })
    expect(last.removed[0]).not.to.have.property('remaining')
    expect(last.freedBytes).to.be.greaterThan(0)
    expect(blobsIn(store)).to.deep.equal([])
  })

  it('finds an image by the end of its name, if one alone has it', async () => {
    await installed(
      { refName: 'quay.io/opstree/redis:7', layers: [{ files: { a: 'a' } }] },
      { refName: 'bitnami/redis:7', layers: [BASE, { files: { b: 'b' } }] },
    )
    const error = await failure(uninstall({ name: 'redis', store }), 'AMBIGUOUS_NAME')
    expect(error.details?.names).to.deep.equal(['bitnami/redis', 'quay.io/opstree/redis'])
    await uninstall({ name: 'opstree/redis', store })
    expect(await tags()).to.deep.equal(['bitnami/redis:7', 'bitnami/redis:latest'])
    await uninstall({ name: 'redis', store })
    expect(await tags()).to.deep.equal([])
  })

  it('takes the image whose whole name was given before those that end in it', async () => {
    await installed(
      { refName: 'redis:7', layers: [BASE] },
      { refName: 'bitnami/redis:7', layers: [BASE, { files: { b: 'b' } }] },
    )
    await uninstall({ name: 'redis', version: '7', force: true, store })
    expect(await tags()).to.deep.equal(['bitnami/redis:7', 'bitnami/redis:latest'])
  })

  it('removes the version that is given, and leaves the others', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'))
    const { removed } = await uninstall({ name: 'NANOSERVER', version: '10.0.1', store })
    expect(removed.map((image) => image.version)).to.deep.equal(['10.0.1'])
    expect(await tags()).to.deep.equal(['nanoserver:10.0.2', 'nanoserver:latest'])
    expect((await verify({ store })).ok).to.equal(true)
  })

  it('takes name:tag', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'))
    await uninstall({ name: 'nanoserver:10.0.2', store })
    expect(await tags()).to.deep.equal(['nanoserver:10.0.1', 'nanoserver:latest'])
  })

  it('takes a full name, in any case', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'))
    const { removed } = await uninstall({ fullName: 'cn=microsoft_NANOSERVER_10.0.2', store })
    expect(removed.map((image) => image.fullName)).to.deep.equal(['CN=Microsoft_NanoServer_10.0.2'])
    expect(await tags()).to.deep.equal(['nanoserver:10.0.1', 'nanoserver:latest'])
  })

  it('finds nothing by the full name of another publisher', async () => {
    await installed(nano('10.0.1'))
    await failure(uninstall({ fullName: 'CN=Contoso_NanoServer_10.0.1', store }), 'NOT_INSTALLED')
    await failure(uninstall({ fullName: 'NanoServer_10.0.1', store }), 'USAGE')
  })

  it('takes wildcards with --all-versions', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'), { refName: 'debian:12.5', layers: [BASE] })
    const { removed } = await uninstall({ name: 'nano*', allVersions: true, store })
    expect(removed.map((image) => image.version)).to.deep.equal(['10.0.1', '10.0.2'])
    expect(await tags()).to.deep.equal(['debian:12.5', 'debian:latest'])
  })

  it('refuses a name of several versions, and names them', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'))
    const before = filesIn(store)
    const error = await failure(uninstall({ name: 'nanoserver', store }), 'AMBIGUOUS_NAME')
    expect(error.details?.fullNames).to.have.members([
      'CN=Microsoft_NanoServer_10.0.1',
      'CN=Microsoft_NanoServer_10.0.2',
    ])
    expect(filesIn(store)).to.deep.equal(before)
  })

  it('says what is not installed, and which name was nearly meant', async () => {
    await installed(nano('10.0.1'))
    const error = await failure(uninstall({ name: 'NanoSever', store }), 'NOT_INSTALLED')
    expect(error.remedy).to.equal('Did you mean nanoserver?')
    expect(exitCode(error)).to.equal(3)
    await failure(uninstall({ name: 'nanoserver', version: '9.9', store }), 'NOT_INSTALLED')
  })

  it('makes no store where there is none', async () => {
    await failure(uninstall({ name: 'debian', store }), 'NOT_INSTALLED')
    expect(filesIn(store)).to.deep.equal({})
  })

  it('wants to be told what to remove', async () => {
    await installed(nano('10.0.1'))
    await failure(uninstall({ store }), 'USAGE')
  })

  it('refuses an image that others are built on, and names them', async () => {
    await installed(
      { refName: 'base:1.0', layers: [BASE] },
      { refName: 'app:2.0', layers: [BASE, { files: { app: 'app' } }] },
    )
    const before = filesIn(store)
    const error = await failure(uninstall({ name: 'base', store }), 'IN_USE')
    expect(exitCode(error)).to.equal(5)
    expect(error.details?.dependents).to.deep.equal(['CN=Unknown_app_2.0'])
    expect(filesIn(store)).to.deep.equal(before)
  })

  it('removes a base by force, and keeps the layers that its dependents share', async () => {
    await installed(
      { refName: 'base:1.0', layers: [BASE] },
      { refName: 'app:2.0', layers: [BASE, { files: { app: 'app' } }] },
    )
    await uninstall({ name: 'base', force: true, store })
    expect(await tags()).to.deep.equal(['app:2.0', 'app:latest'])
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('removes a base together with all that is built on it', async () => {
    await installed(
      { refName: 'base:1.0', layers: [BASE] },
      { refName: 'base:2.0', layers: [BASE, { files: { app: 'app' } }] },
    )
    await uninstall({ name: 'base', allVersions: true, store })
    expect(blobsIn(store)).to.deep.equal([])
  })

  it('moves latest to the newest version that remains, by number', async () => {
    await installed(nano('10.0.14393.1'), nano('10.0.9999.1'), nano('10.0.14300.1010'))
    const { latest } = await uninstall({ name: 'nanoserver', version: '10.0.14393.1', store })
    const rest = await get({ names: ['nanoserver:10.0.14300.1010'], store })
    expect(latest).to.deep.equal([
      { tag: 'nanoserver:latest', digest: rest[0]?.digest, version: '10.0.14300.1010' },
    ])
    const [now] = await get({ names: ['nanoserver:latest'], store })
    expect(now?.version).to.equal('10.0.14300.1010')
  })

  it('leaves latest where it is when another version goes', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'))
    expect(await uninstall({ name: 'nanoserver', version: '10.0.1', store })).not.to.have.property('latest')
    expect((await get({ names: ['nanoserver:latest'], store }))[0]?.version).to.equal('10.0.2')
  })

  it('counts the bytes that left the disk, and no shared ones', async () => {
    await installed(
      { refName: 'one:1.0', layers: [BASE, { files: { one: 5000 } }] },
      { refName: 'two:1.0', layers: [BASE, { files: { two: 7000 } }] },
    )
    const before = blobBytes(store)
    const { freedBytes } = await uninstall({ name: 'one', store })
    expect(freedBytes).to.be.greaterThan(5000)
    expect(before - blobBytes(store)).to.equal(freedBytes)
  })

  it('says with --what-if what it would do, and changes nothing', async () => {
    await installed(nano('10.0.1'), nano('10.0.2'))
    const before = filesIn(store)
    const would = await uninstall({ name: 'nanoserver', version: '10.0.2', whatIf: true, store })
    expect(filesIn(store)).to.deep.equal(before)
    const did = await uninstall({ name: 'nanoserver', version: '10.0.2', store })
    expect(would).to.deep.equal(did)
    expect(did.latest?.[0]?.version).to.equal('10.0.1')
  })

  it('takes the signatures of an image away with it, and leaves those of others', async () => {
    const [one, two] = makeLayout(folder, [nano('10.0.1'), nano('10.0.2')]) as [Descriptor, Descriptor]
    for (const root of [one, two]) {
      addCosignTag(folder, root, `signature of ${root.digest}`)
      addReferrer(folder, root, `sbom of ${root.digest}`)
    }
    await install({ targets: [folder], store })
    const all = readIndex(store).length
    expect(all).to.equal(3 + 4)
    const before = blobBytes(store)
    const { freedBytes } = await uninstall({ name: 'nanoserver', version: '10.0.1', store })
    expect(before - blobBytes(store)).to.equal(freedBytes)
    expect(readIndex(store)).to.have.length(2 + 2)
    const names = readIndex(store).map((entry) => entry.annotations?.[ANNOTATIONS.refName])
    expect(names).to.include(`nanoserver:${two.digest.replace(':', '-')}.sig`)
    await uninstall({ name: 'nanoserver', store })
    expect(readIndex(store)).to.deep.equal([])
    expect(blobsIn(store)).to.deep.equal([])
  })

  it('leaves blobs alone that nothing named before', async () => {
    await installed(nano('10.0.1'))
    const [stray] = makeLayout(folder, [{ layers: [{ files: { stray: 'stray' } }] }])
    const name = path.join('blobs', 'sha256', stray?.digest.slice(7) ?? '')
    copyFileSync(path.join(folder, name), path.join(store, name))
    await uninstall({ name: 'nanoserver', store })
    expect(blobsIn(store)).to.deep.equal([stray?.digest])
  })

  it('leaves blobs to a copy that is on its way and may count on them', async () => {
    await installed(nano('10.0.1'))
    const before = blobsIn(store)
    const arrival = await announceArrival(new Places(store))
    await installed(nano('10.0.2'))
    const brought = blobsIn(store).filter((digest) => !before.includes(digest))
    expect(brought).not.to.deep.equal([])
    await uninstall({ name: 'nanoserver', allVersions: true, store })
    expect(await tags()).to.deep.equal([])
    expect(blobsIn(store)).to.include.members(brought)
    await arrival.release()
    await prune({ store })
    expect(blobsIn(store)).to.deep.equal([])
  })
})
