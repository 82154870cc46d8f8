import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, blobPath, type Descriptor, MEDIA_TYPES } from '../../../../manifests/index.js'
import { get, install, type ProgressEvent, save, tag, verify } from '../../../../provider/index.js'
import { addIndex, type MadeImage, makeLayout, readIndex, writeIndex } from '../../../fixtures/layout.js'
import { readTar } from '../../../fixtures/read-tar.js'
import { scratch } from '../../../scratch.js'
import { exitCode, failure } from '../failure.js'
import { filesIn } from '../on-disk.js'
import { addCosignTag, addReferrer } from '../signed.js'

const SHARED = { files: { shared: 30_000 }, compression: 'none' } as const

function debian(version: string, ...layers: MadeImage['layers']): MadeImage {
  return { refName: `debian:${version}`, layers: [...layers, { files: { version } }] }
}

describe('save', () => {
  const temporary = scratch()
  let folder: string
  let stick: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    stick = temporary.folder()
  })
  afterEach(() => temporary.remove())

  function members(archive: string): string[] {
    return [...readTar(readFileSync(archive)).keys()]
  }

  function member(archive: string, name: string): Buffer {
    return readTar(readFileSync(archive)).get(name) ?? Buffer.alloc(0)
  }

  it('names the files in a folder as the provider did, one an image', async () => {
    const annotations = { [ANNOTATIONS.name]: 'NanoServer', [ANNOTATIONS.imageVersion]: '10.0.14300.1010' }
    makeLayout(folder, [{ annotations, layers: [SHARED] }, debian('12.5')])
    const result = await save({ names: [folder], path: stick })
    expect(readdirSync(stick).sort()).to.deep.equal(['NanoServer-10-0-14300-1010.tar', 'debian-12-5.tar'])
    for (const { path: file, size, sha256 } of result.files) {
      const bytes = readFileSync(file)
      expect(size).to.equal(bytes.length)
      expect(sha256).to.equal(createHash('sha256').update(bytes).digest('hex'))
    }
    expect(result.images.map(({ name, version }) => `${name} ${version}`)).to.deep.equal([
      'NanoServer 10.0.14300.1010',
      'debian 12.5',
    ])
  })

  it('writes several images into one file, with what they share once', async () => {
    makeLayout(folder, [debian('12.5', SHARED), debian('12.6', SHARED)])
    const twice = path.join(temporary.folder(), 'layout')
    const [first] = makeLayout(twice, [{ refName: 'one:1', layers: [SHARED] }])
    const shared = layersOf(twice, first)[0]
    const image = documentOf(twice, first)
    // The same layer under two images.
    const manifest = { ...image, annotations: { number: 'two' } }
    const second = addManifest(twice, manifest)
    writeIndex(twice, [...readIndex(twice), { ...second, annotations: { [ANNOTATIONS.refName]: 'two:1' } }])
    const archive = path.join(stick, 'both.tar')
    const { images } = await save({ names: [twice], path: archive })
    expect(images).to.have.length(2)
    expect(members(archive).filter((name) => name === blobPath(shared?.digest ?? ''))).to.have.length(1)
    expect(new Set(members(archive)).size).to.equal(members(archive).length)
    expect((await verify({ paths: [archive] })).problems).to.deep.equal([])
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [archive], store })
    const tags = (await get({ store })).map((row) => `${row.repository}:${row.tag}`)
    expect(tags).to.deep.equal(['one:1', 'one:latest', 'two:1', 'two:latest'])
  })

  function documentOf(layout: string, root: Descriptor | undefined) {
    return JSON.parse(readFileSync(path.join(layout, blobPath(root?.digest ?? '')), 'utf8'))
  }

  function layersOf(layout: string, root: Descriptor | undefined): Descriptor[] {
    return documentOf(layout, root).layers
  }

  function addManifest(layout: string, document: object): Descriptor {
    const bytes = Buffer.from(JSON.stringify(document))
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    writeFileSync(path.join(layout, blobPath(digest)), bytes)
    return { mediaType: MEDIA_TYPES.ociManifest, digest, size: bytes.length }
  }

  it('refuses a folder that is not there, in the words of PowerShell, and makes it by force', async () => {
    makeLayout(folder, [debian('12.5')])
    const deep = path.join(stick, 'a', 'b')
    const error = await failure(save({ names: [folder], path: deep }), 'PATH_NOT_FOUND')
    expect(error.message).to.equal(`Cannot find the path '${deep}' because it does not exist.`)
    expect(exitCode(error)).to.equal(2)
    await failure(save({ names: [folder], path: path.join(deep, 'x.tar') }), 'PATH_NOT_FOUND')
    expect(readdirSync(stick)).to.deep.equal([])
    await save({ names: [folder], path: deep, force: true })
    await save({ names: [folder], path: path.join(stick, 'c', 'x.tar'), force: true })
    expect(readdirSync(deep)).to.deep.equal(['debian-12-5.tar'])
    expect(readdirSync(path.join(stick, 'c'))).to.deep.equal(['x.tar'])
  })

  it('refuses an ending that it does not know', async () => {
    makeLayout(folder, [debian('12.5')])
    await failure(save({ names: [folder], path: path.join(stick, 'debian.rar') }), 'USAGE')
  })

  it('takes an ending in whatever case', async () => {
    makeLayout(folder, [debian('12.5')])
    for (const name of ['X.TAR', 'y.Zip', 'z.Tar']) {
      const { files } = await save({ names: [folder], path: path.join(stick, name) })
      expect(files.map((file) => path.basename(file.path))).to.deep.equal([name])
      expect((await verify({ paths: [path.join(stick, name)] })).problems).to.deep.equal([])
    }
  })

  it('refuses wildcards and unknown formats', async () => {
    await failure(save({ names: ['deb*'], path: stick, source: folder }), 'WILDCARD_REFUSED')
    const format = 'wat' as 'oci-archive'
    await failure(save({ names: ['debian'], path: stick, source: folder, format }), 'FORMAT_UNKNOWN')
  })

  it('does not write over another file, unless forced', async () => {
    makeLayout(folder, [debian('12.5')])
    const archive = path.join(stick, 'debian-12-5.tar')
    writeFileSync(archive, 'precious')
    const error = await failure(save({ names: [folder], path: stick }), 'FILE_EXISTS')
    expect(error.message).to.contain('already exists. Skipping save. Use -Force to overwrite.')
    expect(readFileSync(archive, 'utf8')).to.equal('precious')
    expect(readdirSync(stick)).to.deep.equal(['debian-12-5.tar'])
    await save({ names: [folder], path: stick, force: true })
    expect((await verify({ paths: [archive] })).problems).to.deep.equal([])
  })

  it('finds a file of the same size with a flipped bit to be another one', async () => {
    makeLayout(folder, [debian('12.5', SHARED)])
    const { files } = await save({ names: [folder], path: stick })
    const file = files[0]?.path ?? ''
    const bytes = readFileSync(file)
    const at = bytes.length - 5000
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(file, bytes)
    await failure(save({ names: [folder], path: stick }), 'FILE_EXISTS')
  })

  it('does not write over a folder, not even by force', async () => {
    makeLayout(folder, [debian('12.5')])
    mkdirSync(path.join(stick, 'debian-12-5.tar'))
    for (const force of [false, true])
      await failure(save({ names: [folder], path: stick, force }), 'FILE_EXISTS')
  })

  it('writes nothing where the same file is there already, and says its digest', async () => {
    makeLayout(folder, [debian('12.5', SHARED)])
    const first = await save({ names: [folder], path: stick })
    const { ino, mtimeMs } = statSync(first.files[0]?.path ?? '')
    const again = await save({ names: [folder], path: stick })
    expect(again.files).to.deep.equal(first.files)
    expect(again.fetchedBytes).to.equal(0)
    expect(again.reusedBytes).to.equal(first.fetchedBytes)
    expect(statSync(first.files[0]?.path ?? '')).to.deep.include({ ino, mtimeMs })
  })

  it('gives the same bytes for the same images, whatever the order of the names', async () => {
    const other = path.join(temporary.folder(), 'other')
    makeLayout(folder, [debian('12.5', SHARED)])
    makeLayout(other, [{ refName: 'alpine:3.20', layers: [{ files: { a: 'a' } }] }])
    const one = await save({ names: [folder, other], path: path.join(stick, 'one.tar') })
    const same = await save({ names: [folder, other], path: path.join(stick, 'same.tar') })
    const turned = await save({ names: [other, folder], path: path.join(stick, 'turned.tar') })
    expect(same.files[0]?.sha256).to.equal(one.files[0]?.sha256)
    expect(turned.files[0]?.sha256).to.equal(one.files[0]?.sha256)
  })

  it('does not write one of two images of one name over the other, not even by force', async () => {
    makeLayout(folder, [debian('12.5'), { ...debian('12.5', SHARED), refName: 'Debian:12.5' }])
    const entries = readIndex(folder).map((entry) => ({
      ...entry,
      annotations: { ...entry.annotations, [ANNOTATIONS.refName]: 'debian:12.5' },
    }))
    writeIndex(folder, entries)
    for (const force of [false, true])
      await failure(save({ names: [folder], path: stick, force }), 'AMBIGUOUS_NAME')
    expect(readdirSync(stick)).to.deep.equal([])
  })

  it('saves an image that was named twice once', async () => {
    makeLayout(folder, [debian('12.5')])
    expect((await save({ names: [folder, folder], path: stick })).images).to.have.length(1)
  })

  it('writes nothing with --what-if, and tells the files and their sizes', async () => {
    makeLayout(folder, [debian('12.5', SHARED)])
    const would = await save({ names: [folder], path: stick, whatIf: true })
    expect(readdirSync(stick)).to.deep.equal([])
    await save({ names: [folder], path: path.join(stick, 'not', 'there'), whatIf: true, force: true })
    expect(readdirSync(stick)).to.deep.equal([])
    const did = await save({ names: [folder], path: stick })
    expect(would.images).to.deep.equal(did.images)
    expect(would.files.map(({ path: file, size }) => ({ file, size }))).to.deep.equal(
      did.files.map(({ path: file, size }) => ({ file, size })),
    )
  })

  it('leaves no lock and no unfinished file behind', async () => {
    makeLayout(folder, [debian('12.5', SHARED)])
    await save({ names: [folder], path: stick })
    expect(readdirSync(stick)).to.deep.equal(['debian-12-5.tar'])
  })

  it('saves every platform of an index with --all-platforms, else the one that is meant', async () => {
    const [amd64, arm64] = makeLayout(folder, [
      { platform: { os: 'linux', architecture: 'amd64' }, layers: [{ files: { a: 'amd64' } }] },
      { platform: { os: 'linux', architecture: 'arm64' }, layers: [{ files: { a: 'arm64' } }] },
    ]) as [Descriptor, Descriptor]
    const index = addIndex(folder, [amd64, arm64])
    writeIndex(folder, [{ ...index, annotations: { [ANNOTATIONS.refName]: 'debian:12.5' } }])
    const all = path.join(stick, 'all.tar')
    const one = path.join(stick, 'one.tar')
    const whole = await save({ names: ['debian'], source: folder, path: all, allPlatforms: true })
    expect(whole.images.map((image) => image.digest)).to.deep.equal([index.digest])
    expect(members(all)).to.include.members([blobPath(amd64.digest), blobPath(arm64.digest)])
    const { images } = await save({ names: [folder], path: one, platform: 'linux/arm64' })
    expect(images[0]).to.deep.include({ digest: arm64.digest, platform: 'linux/arm64' })
    expect(members(one)).not.to.include(blobPath(amd64.digest))
  })

  it('finds an image of a folder by each of its names', async () => {
    const store = path.join(temporary.folder(), 'store')
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      { refName: 'quay.io/team/app:1.0', layers: [{ files: { a: 'one' } }] },
      { refName: 'quay.io/team/app:2.0', layers: [{ files: { a: 'two' } }] },
    ])
    await install({ targets: [layout], store, noLatest: true })
    await tag({ from: 'team/app:1.0', to: 'quay.io/team/app:stable', store })
    await tag({ from: 'team/app:1.0', to: 'base:7.0', store })
    const digest = (await get({ names: ['app:1.0'], store }))[0]?.digest
    const names = ['quay.io/team/app:stable', 'app:stable', 'base:7.0', 'docker.io/library/base:7.0', 'base']
    for (const [i, name] of names.entries()) {
      const file = path.join(temporary.folder(), 'saved.tar')
      const { images } = await save({ names: [name], source: store, path: file, store })
      expect(
        images.map((image) => image.digest),
        name,
      ).to.deep.equal([digest])
      const other = path.join(temporary.folder(), `other-${i}`)
      await install({ targets: [file], store: other, noLatest: true })
      const there = (await get({ store: other })).map(({ repository, tag }) => `${repository}:${tag}`)
      expect(there, name).to.deep.equal(
        name.includes('base') ? ['base:7.0'] : ['quay.io/team/app:1.0', 'quay.io/team/app:stable'],
      )
    }
    for (const name of ['quay.io/team/app:3.0', 'base:1.0', 'quay.io/team/base:7.0'])
      await failure(
        save({ names: [name], source: store, path: path.join(temporary.folder(), 'no.tar'), store }),
        'NO_MATCH',
      )
  })

  it('takes one image out of a folder for a machine that the others there are not for', async () => {
    const [layout, other] = [path.join(temporary.folder(), 'one'), path.join(temporary.folder(), 'store')]
    const made = (refName: string, architecture: string) => ({
      refName,
      platform: { os: 'linux', architecture },
      layers: [{ files: { a: `${refName} ${architecture}` } }],
    })
    const roots = makeLayout(layout, [
      made('app:1', 'amd64'),
      made('tool:1', 'arm64'),
      made('app:1', 'arm64'),
    ])
    for (const [name, architecture, root] of [
      ['app:1', 'amd64', roots[0]],
      ['tool:1', 'arm64', roots[1]],
      ['app:1', 'arm64', roots[2]],
    ] as const) {
      const file = path.join(temporary.folder(), 'saved.tar')
      const platform = `linux/${architecture}`
      const { images } = await save({ names: [name], source: layout, path: file, platform, store: other })
      expect(images.map(({ digest }) => digest)).to.deep.equal([root?.digest])
    }
  })

  it('writes a docker archive that our own install reads', async () => {
    const [root] = makeLayout(folder, [debian('12.5', SHARED)])
    const archive = path.join(stick, 'docker.tar')
    await save({ names: [folder], path: archive, format: 'docker-archive' })
    const { config, layers } = documentOf(folder, root) as { config: Descriptor; layers: Descriptor[] }
    const hex = (d: Descriptor | undefined): string => d?.digest.slice(7) ?? ''
    const layerNames = [`${hex(layers[0])}.tar`, `${hex(layers[1])}.tar.gz`]
    expect(members(archive)).to.have.members(['manifest.json', `${hex(config)}.json`, ...layerNames])
    expect(JSON.parse(member(archive, 'manifest.json').toString())).to.deep.equal([
      {
        Config: `${hex(config)}.json`,
        RepoTags: ['debian:12.5', 'debian:latest'],
        Layers: layerNames,
      },
    ])
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [archive], store })
    const rows = await get({ store })
    expect(rows.map((row) => `${row.repository}:${row.tag} ${row.id}`)).to.deep.equal([
      `debian:12.5 ${config.digest}`,
      `debian:latest ${config.digest}`,
    ])
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('carries signatures and referrers into the archive, the store, and out again', async () => {
    const [root] = makeLayout(folder, [debian('12.5')]) as [Descriptor]
    const signature = addCosignTag(folder, root)
    const sbom = addReferrer(folder, root)
    const tag = `debian:${root.digest.replace(':', '-')}.sig`
    const first = await save({ names: [folder], path: stick })
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [first.files[0]?.path ?? ''], store })
    const second = temporary.folder()
    await save({ names: ['debian'], source: store, path: second })
    const inStore = readIndex(store)
    const inArchive = JSON.parse(member(path.join(second, 'debian-12-5.tar'), 'index.json').toString())
    // In an archive engines would take it for an image by the name of one.
    for (const [entries, key] of [
      [inStore, ANNOTATIONS.refName],
      [inArchive.manifests as Descriptor[], ANNOTATIONS.artifactName],
    ] as const) {
      const named = entries.find((entry) => entry.annotations?.[key] === tag)
      expect(named?.digest).to.equal(signature.digest)
      expect(entries.map((entry) => entry.digest)).to.include(sbom.digest)
    }
    expect(readFileSync(path.join(second, 'debian-12-5.tar'))).to.deep.equal(
      readFileSync(first.files[0]?.path ?? ''),
    )
    expect((await get({ store })).map((row) => row.tag)).to.deep.equal(['12.5', 'latest'])
  })

  it('leaves foreign layers out where it is told to, and takes them along where it is not', async () => {
    const foreign = {
      files: { windows: 20_000 },
      mediaType: MEDIA_TYPES.dockerForeignLayerGzip,
      urls: ['https://go.microsoft.com/fwlink/?linkid=1'],
    }
    const [root] = makeLayout(folder, [{ refName: 'nanoserver:1.0', layers: [foreign, SHARED] }])
    const [left, taken] = layersOf(folder, root)
    const without = path.join(stick, 'without.tar')
    const whole = path.join(stick, 'whole.tar')
    await save({ names: [folder], path: without, noForeign: true })
    await save({ names: [folder], path: whole })
    expect(members(whole)).to.include(blobPath(left?.digest ?? ''))
    expect(members(without)).not.to.include(blobPath(left?.digest ?? ''))
    expect(members(without)).to.include(blobPath(taken?.digest ?? ''))
    const store = path.join(temporary.folder(), 'store')
    await failure(install({ targets: [without], store }), 'BLOB_MISSING')
    const { images } = await install({ targets: [without], store, noForeign: true })
    expect(images[0]?.digest).to.equal(root?.digest)
  })

  it('stops when it is told to, and finishes when it is called again', async () => {
    makeLayout(folder, [debian('12.5', SHARED)])
    const control = new AbortController()
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'bytes') control.abort()
    }
    const stopped = save({ names: [folder], path: stick, signal: control.signal, onProgress })
    expect(exitCode(await failure(stopped, 'INTERRUPTED'))).to.equal(130)
    expect(existsSync(path.join(stick, 'debian-12-5.tar'))).to.equal(false)
    expect(Object.keys(filesIn(stick)).filter((name) => name.endsWith('.lock'))).to.deep.equal([])
    const { files } = await save({ names: [folder], path: stick })
    const fresh = await save({ names: [folder], path: temporary.folder() })
    expect(files[0]?.sha256).to.equal(fresh.files[0]?.sha256)
    expect(readdirSync(stick)).to.deep.equal(['debian-12-5.tar'])
  })
})
