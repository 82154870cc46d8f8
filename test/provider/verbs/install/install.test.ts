import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, blobPath, type Descriptor } from '../../../../manifests/index.js'
import { get, install, save, verify } from '../../../../provider/index.js'
import { addIndex, type MadeImage, makeLayout, readIndex, writeIndex } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { exitCode, failure } from '../failure.js'
import { blobBytes, filesIn } from '../on-disk.js'

const AMD64 = { os: 'linux', architecture: 'amd64' }
const ARM64 = { os: 'linux', architecture: 'arm64' }

function debian(version: string, platform = AMD64): MadeImage {
  return {
    refName: `debian:${version}`,
    platform,
    layers: [{ files: { version: `${version} ${platform.architecture}` } }],
  }
}

describe('install', () => {
  const temporary = scratch()
  let store: string
  let folder: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  async function tags(): Promise<string[]> {
    return (await get({ store })).map((image) => `${image.repository}:${image.tag} ${image.version}`)
  }

  it('gives an image its version and latest as tags', async () => {
    const [root] = makeLayout(folder, [debian('12.5')])
    const result = await install({ targets: [folder], store })
    expect(result).to.deep.include({ moved: [], alreadyThere: [], reusedBytes: 0 })
    expect(result.images).to.deep.equal([
      {
        name: 'debian',
        version: '12.5',
        fullName: 'CN=Unknown_debian_12.5',
        digest: root?.digest,
        tags: ['debian:12.5', 'debian:latest'],
        platform: 'linux/amd64',
        size: blobBytes(store),
      },
    ])
    expect(result.copiedBytes).to.equal(blobBytes(store))
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('leaves latest as it is with --no-latest', async () => {
    makeLayout(folder, [debian('12.5')])
    await install({ targets: [folder], store, noLatest: true })
    expect(await tags()).to.deep.equal(['debian:12.5 12.5'])
  })

  it('tells from which image latest moved', async () => {
    const [first] = makeLayout(folder, [debian('12.5')])
    await install({ targets: [folder], store })
    const other = path.join(temporary.folder(), 'other')
    const [second] = makeLayout(other, [debian('12.6')])
    const { moved } = await install({ targets: [other], store })
    const to = { to: second?.digest, toVersion: '12.6' }
    expect(moved).to.deep.equal([{ tag: 'debian:latest', from: first?.digest, fromVersion: '12.5', ...to }])
    expect(await tags()).to.deep.equal(['debian:12.5 12.5', 'debian:12.6 12.6', 'debian:latest 12.6'])
  })

  it('gives latest to the newest of several versions that come together', async () => {
    makeLayout(folder, [debian('12.10'), debian('12.9')])
    await install({ targets: [folder], store })
    expect(await tags()).to.include('debian:latest 12.10')
  })

  it('copies nothing that is there already, and says so', async () => {
    const [root] = makeLayout(folder, [debian('12.5')])
    const first = await install({ targets: [folder], store })
    const before = filesIn(store)
    const again = await install({ targets: [folder], store })
    expect(again).to.deep.include({ copiedBytes: 0, reusedBytes: first.copiedBytes, moved: [] })
    expect(again.alreadyThere).to.deep.equal([root?.digest])
    expect(filesIn(store)).to.deep.equal(before)
  })

  it('brings a damaged blob again by force', async () => {
    makeLayout(folder, [debian('12.5')])
    await install({ targets: [folder], store })
    const blob = path.join(store, blobPath(layerOf(store).digest))
    chmodSync(blob, 0o644)
    const bytes = readFileSync(blob)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(blob, bytes)
    expect((await verify({ store })).ok).to.equal(false)
    await install({ targets: [folder], store, force: true })
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('leaves no store behind with --what-if, and tells what would be copied', async () => {
    makeLayout(folder, [debian('12.5')])
    const would = await install({ targets: [folder], store, whatIf: true })
    expect(filesIn(store)).to.deep.equal({})
    const did = await install({ targets: [folder], store })
    expect(would).to.deep.equal(did)
  })

  it('tells with --what-if which tag would move', async () => {
    const [first] = makeLayout(folder, [debian('12.5')])
    await install({ targets: [folder], store })
    const other = path.join(temporary.folder(), 'other')
    const [second] = makeLayout(other, [debian('12.6')])
    const before = filesIn(store)
    const { moved } = await install({ targets: [other], store, whatIf: true })
    const to = { to: second?.digest, toVersion: '12.6' }
    expect(moved).to.deep.equal([{ tag: 'debian:latest', from: first?.digest, fromVersion: '12.5', ...to }])
    expect(filesIn(store)).to.deep.equal(before)
  })

  it('replaces another image of the same name and version, and reports it', async () => {
    const [first] = makeLayout(folder, [debian('12.5')])
    await install({ targets: [folder], store })
    const other = path.join(temporary.folder(), 'other')
    const [second] = makeLayout(other, [{ ...debian('12.5'), layers: [{ files: { another: 'one' } }] }])
    const { moved } = await install({ targets: [other], store })
    const move = { from: first?.digest, fromVersion: '12.5', to: second?.digest, toVersion: '12.5' }
    expect(moved).to.deep.equal([
      { tag: 'debian:12.5', ...move },
      { tag: 'debian:latest', ...move },
    ])
    const rows = await get({ store })
    expect(rows.map((row) => row.digest)).to.deep.equal([second?.digest, second?.digest])
  })

  it('takes several targets', async () => {
    const other = path.join(temporary.folder(), 'other')
    makeLayout(folder, [debian('12.5')])
    makeLayout(other, [{ refName: 'alpine:3.20', layers: [{ files: { a: 'a' } }] }])
    const { images } = await install({ targets: [folder, other], store })
    expect(images.map((image) => image.name)).to.deep.equal(['debian', 'alpine'])
    expect(await tags()).to.have.length(4)
  })

  describe('of an index', () => {
    function twoPlatforms(): { amd64: Descriptor; arm64: Descriptor; index: Descriptor } {
      const [amd64, arm64] = makeLayout(folder, [debian('1', AMD64), debian('1', ARM64)]) as [
        Descriptor,
        Descriptor,
      ]
      const index = addIndex(folder, [amd64, arm64])
      writeIndex(folder, [{ ...index, annotations: { [ANNOTATIONS.refName]: 'debian:12.5' } }])
      return { amd64, arm64, index }
    }

    it('keeps the index whole where all its images are there', async () => {
      const { index, amd64, arm64 } = twoPlatforms()
      const { images } = await install({ targets: [folder], store })
      expect(images.map((image) => image.digest)).to.deep.equal([index.digest])
      const archive = path.join(temporary.folder(), 'debian.tar')
      await save({ names: [folder], path: archive, allPlatforms: true })
      const second = path.join(temporary.folder(), 'store')
      await install({ targets: [archive], store: second })
      for (const one of [store, second]) {
        expect(readIndex(one)[0]?.digest).to.equal(index.digest)
        expect(filesIn(one)).to.have.property(blobPath(amd64.digest), amd64.digest)
        expect(filesIn(one)).to.have.property(blobPath(arm64.digest), arm64.digest)
        expect((await verify({ store: one })).problems).to.deep.equal([])
      }
    })

    it('takes the one platform that is asked for', async () => {
      const { arm64, amd64 } = twoPlatforms()
      const { images } = await install({ targets: [folder], store, platform: 'linux/arm64' })
      expect(images[0]).to.deep.include({ digest: arm64.digest, platform: 'linux/arm64' })
      expect(filesIn(store)).not.to.have.property(blobPath(amd64.digest))
    })

    it('refuses a platform that it does not have', async () => {
      twoPlatforms()
      const error = await failure(
        install({ targets: [folder], store, platform: 'linux/s390x' }),
        'PLATFORM_NOT_FOUND',
      )
      expect(exitCode(error)).to.equal(3)
      expect(filesIn(store)).to.deep.equal({})
    })

    it('takes the one image that is there where docker saved only one of them', async () => {
      const { arm64, amd64 } = twoPlatforms()
      rmSync(path.join(folder, blobPath(amd64.digest)))
      const { images } = await install({ targets: [folder], store })
      expect(images[0]).to.deep.include({
        digest: arm64.digest,
        platform: 'linux/arm64',
        name: 'debian',
        version: '12.5',
      })
      expect((await verify({ store })).problems).to.deep.equal([])
    })
  })

  describe('names an image', () => {
    const layers = [{ files: { a: 'a' } }]

    async function nameOf(file: string, options = {}): Promise<string> {
      const { images } = await install({ targets: [file], store, ...options })
      return images.map((image) => `${image.name} ${image.version}`).join(', ')
    }

    it('by our annotations before anything else', async () => {
      const annotations = { [ANNOTATIONS.name]: 'NanoServer', [ANNOTATIONS.imageVersion]: '10.0.1' }
      makeLayout(folder, [{ refName: 'other:2', annotations, layers }])
      expect(await nameOf(folder)).to.equal('NanoServer 10.0.1')
      expect(await tags()).to.deep.equal(['nanoserver:10.0.1 10.0.1', 'nanoserver:latest 10.0.1'])
    })

    it('by its whole repository', async () => {
      makeLayout(folder, [{ refName: 'registry.example.com:5000/base/debian:12.5', layers }])
      expect(await nameOf(folder)).to.equal('registry.example.com:5000/base/debian 12.5')
    })

    it('by the name that containerd gave', async () => {
      const annotations = { [ANNOTATIONS.containerdName]: 'docker.io/library/debian:12.5' }
      makeLayout(folder, [{ refName: '12.5', annotations, layers }])
      expect(await nameOf(folder)).to.equal('debian 12.5')
    })

    it('by a bare tag and the name of the folder', async () => {
      const named = path.join(temporary.folder(), 'debian')
      makeLayout(named, [{ refName: '12.5', layers }])
      expect(await nameOf(named)).to.equal('debian 12.5')
    })

    it('by the name of the file, as save names files', async () => {
      const named = path.join(temporary.folder(), 'NanoServer-10-0-14300-1010')
      makeLayout(named, [{ layers }])
      expect(await nameOf(named)).to.equal('NanoServer 10.0.14300.1010')
    })

    it('latest where nothing says a version', async () => {
      const named = path.join(temporary.folder(), 'debian')
      makeLayout(named, [{ layers }])
      expect(await nameOf(named)).to.equal('debian latest')
    })

    it('as the user says', async () => {
      makeLayout(folder, [{ refName: 'debian:12.5', layers }])
      expect(await nameOf(folder, { name: 'Mine', version: '1.0' })).to.equal('Mine 1.0')
    })

    it('but not several with one name', async () => {
      makeLayout(folder, [debian('12.5'), debian('12.6')])
      await failure(install({ targets: [folder], store, name: 'mine' }), 'USAGE')
    })
  })

  it('says of a path that is not there', async () => {
    const error = await failure(install({ targets: ['./not/there.tar'], store }), 'PATH_NOT_FOUND')
    expect(error.message).to.equal('Cannot find the path "./not/there.tar" because it does not exist.')
  })

  it('says of a folder with nothing in it', async () => {
    await failure(install({ targets: [temporary.folder()], store }), 'ARCHIVE_UNKNOWN')
    expect(filesIn(store)).to.deep.equal({})
  })

  it('leaves nothing of an image whose layer is not what its digest says', async () => {
    makeLayout(folder, [debian('12.5')])
    const layer = layerOf(folder)
    const bytes = readFileSync(path.join(folder, blobPath(layer.digest)))
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path.join(folder, blobPath(layer.digest)), bytes)
    const error = await failure(install({ targets: [folder], store }), 'DIGEST_MISMATCH')
    expect(exitCode(error)).to.equal(4)
    expect(await tags()).to.deep.equal([])
    expect(Object.keys(filesIn(store)).filter((name) => name.startsWith('blobs'))).to.deep.equal([])
  })

  function layerOf(layout: string): Descriptor {
    const [root] = readIndex(layout)
    const manifest = JSON.parse(readFileSync(path.join(layout, blobPath(root?.digest ?? '')), 'utf8'))
    return manifest.layers[0]
  }

  describe('by name', () => {
    let stick: string

    beforeEach(async () => {
      stick = temporary.folder()
      makeLayout(folder, [debian('12.5'), debian('12.10')])
      await save({ names: [folder], path: stick })
    })

    it('takes the newest from a folder of archives', async () => {
      const { images } = await install({ targets: ['Debian'], source: stick, store })
      expect(images.map((image) => image.version)).to.deep.equal(['12.10'])
    })

    it('takes the version that is asked for, also as name:tag', async () => {
      await install({ targets: ['debian'], requiredVersion: '12.5', source: stick, store, noLatest: true })
      expect(await tags()).to.deep.equal(['debian:12.5 12.5'])
      await install({ targets: ['debian:12.10'], source: stick, store, noLatest: true })
      expect(await tags()).to.deep.equal(['debian:12.10 12.10', 'debian:12.5 12.5'])
    })

    it('refuses two versions at once, and wildcards', async () => {
      const two = install({ targets: ['debian:12.5'], requiredVersion: '12.10', source: stick, store })
      await failure(two, 'VERSION_PARAMETERS')
      await failure(install({ targets: ['deb*'], source: stick, store }), 'WILDCARD_REFUSED')
    })

    it('suggests a name where none matches', async () => {
      const error = await failure(install({ targets: ['debain'], source: stick, store }), 'NO_MATCH')
      expect(error.remedy).to.match(/debian/)
      expect(filesIn(store)).to.deep.equal({})
    })

    function index(sha256: string, size: number): string {
      const file = path.join(stick, 'catalog', 'index.json')
      const image = { name: 'Corp', version: '1.0', publisher: 'Contoso', summary: '', os: 'linux' }
      const url = 'debian-12-5.tar'
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(path.join(stick, 'catalog', url), readFileSync(path.join(stick, url)))
      const images = [{ ...image, architecture: 'amd64', url, sha256, size }]
      writeFileSync(file, JSON.stringify({ schemaVersion: 1, images }))
      return file
    }

    it('takes what an index names beside it, under the name that the index gives', async () => {
      const bytes = readFileSync(path.join(stick, 'debian-12-5.tar'))
      const source = index(createHash('sha256').update(bytes).digest('hex'), bytes.length)
      const { images } = await install({ targets: ['corp'], source, store })
      expect(images.map((image) => image.fullName)).to.deep.equal(['CN=Contoso_Corp_1.0'])
      expect(await tags()).to.deep.equal(['corp:1.0 1.0', 'corp:latest 1.0'])
    })

    it('believes nothing of a file that is not the one that the index names', async () => {
      const { length } = readFileSync(path.join(stick, 'debian-12-5.tar'))
      const wrong = index('00'.repeat(32), length)
      const error = await failure(install({ targets: ['corp'], source: wrong, store }), 'DIGEST_MISMATCH')
      expect(error.expected).to.equal(`sha256 ${'00'.repeat(32)}`)
      const short = index('00'.repeat(32), length - 1)
      await failure(install({ targets: ['corp'], source: short, store }), 'SIZE_MISMATCH')
      expect(filesIn(store)).to.deep.equal({})
    })
  })
})
