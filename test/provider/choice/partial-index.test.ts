import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, blobPath, type Descriptor } from '../../../manifests/index.js'
import {
  find,
  get,
  history,
  type InstallRequest,
  install,
  push,
  save,
  verify,
} from '../../../provider/index.js'
import { folderAndStore } from '../../fixtures/folder-and-store.js'
import {
  AMD64,
  ARM64,
  imageOf,
  indexed,
  layout,
  manifestsIn,
  packed,
  S390X,
  withAttestation,
  withoutLayers,
} from '../../fixtures/indexed-layouts.js'
import { inspectImages } from '../../fixtures/inspect-images.js'
import { readIndex, writeIndex } from '../../fixtures/layout.js'
import { failure } from '../verbs/failure.js'

/** No machine that runs the tests is of these. */
const [PPC, RISCV] = [
  { os: 'linux', architecture: 'ppc64le' },
  { os: 'linux', architecture: 'riscv64' },
]

describe('an index of which a part is there', () => {
  const at = folderAndStore()

  /** The notes of an install, and what it installed. */
  async function installed(
    target: string,
    request: Partial<InstallRequest> = {},
  ): Promise<{ notes: string[]; platforms: string[] }> {
    const notes: string[] = []
    const { images } = await install({
      targets: [target],
      store: at.store,
      ...request,
      onProgress: (event) => void (event.type === 'note' && notes.push(event.message)),
    })
    return { notes, platforms: images.map(({ platform }) => platform) }
  }

  it('gives the only image that is there, and says once what is not', async () => {
    const archive = packed(indexed(at.folder, [RISCV], { absent: [AMD64, ARM64] }))
    expect(await installed(archive)).to.deep.equal({
      notes: ['layout.tar: multi:1.0 was made for linux/amd64, linux/arm64 as well, which are not in it.'],
      platforms: ['linux/riscv64'],
    })
    const [image] = await inspectImages({ names: [archive] })
    expect(image).to.deep.include({ platform: 'linux/riscv64', tags: ['multi:1.0'] })
    expect(await history({ name: archive })).to.have.length(2)
  })

  it('is passed by verify, with the same note', async () => {
    const archive = packed(indexed(at.folder, [ARM64], { absent: [AMD64] }))
    const { ok, problems, notes } = await verify({ paths: [archive] })
    expect({ ok, problems }).to.deep.equal({ ok: true, problems: [] })
    expect(notes).to.deep.equal([
      'layout.tar: multi:1.0 was made for linux/amd64 as well, which is not in it.',
    ])
  })

  it('refuses a platform that is not there, and lists those that are', async () => {
    const archive = packed(indexed(at.folder, [RISCV, PPC], { absent: [S390X] }))
    for (const platform of ['linux/s390x', undefined]) {
      const refused = [
        () => install({ targets: [archive], store: at.store, platform }),
        () => save({ names: [archive], path: path.join(at.folder, 'saved.tar'), platform }),
        () => history({ name: archive, platform }),
      ]
      for (const one of refused) {
        const error = await failure(one(), 'PLATFORM_NOT_FOUND')
        expect(error.details).to.deep.include({ platforms: ['linux/riscv64', 'linux/ppc64le'] })
      }
    }
    await failure(inspectImages({ names: [archive], platform: 'linux/s390x' }), 'PLATFORM_NOT_FOUND')
  })

  it('gives every image that is there where all platforms are wanted', async () => {
    const archive = packed(indexed(at.folder, [RISCV, PPC], { absent: [S390X, ARM64] }))
    const found = ['linux/riscv64', 'linux/ppc64le']
    const { notes, platforms } = await installed(archive, { allPlatforms: true })
    expect(platforms).to.deep.equal(found)
    expect(notes).to.have.length(1)
    expect((await get({ store: at.store })).map(({ tag }) => tag).sort()).to.deep.equal([
      '1.0',
      '1.0',
      'latest',
      'latest',
    ])
    expect((await verify({ store: at.store })).ok).to.equal(true)
    expect((await inspectImages({ names: [archive] })).map(({ platform }) => platform)).to.deep.equal(found)
    const offered = await find({ source: archive, allVersions: true })
    expect(offered.images.map(({ architecture }) => architecture)).to.have.members(['riscv64', 'ppc64le'])
    expect(offered.notes.join()).to.contain('which are not in it')
  })

  it('keeps its digest, by which the image is found, and its bytes', async () => {
    const made = indexed(at.folder, [ARM64], { absent: [AMD64] })
    const [index] = readIndex(made) as [Descriptor]
    await installed(packed(made))
    const [entry] = readIndex(at.store)
    expect(entry?.annotations?.[ANNOTATIONS.originIndex]).to.equal(index.digest)
    const [image] = await inspectImages({ names: [index.digest], store: at.store })
    expect(image?.tags).to.include('multi:1.0')
    const again = path.join(at.folder, 'again.tar')
    await save({ names: [packed(made)], path: again })
    await install({ targets: [again], store: path.join(at.folder, 'other') })
    const kept = readFileSync(path.join(at.folder, 'other', blobPath(index.digest)))
    expect(kept.equals(readFileSync(path.join(made, blobPath(index.digest))))).to.equal(true)
  })

  it('counts an image as not there of which only documents are', async () => {
    const archive = packed(withoutLayers(indexed(at.folder, [RISCV, PPC]), PPC))
    expect(await installed(archive)).to.deep.equal({
      notes: ['layout.tar: multi:1.0 was made for linux/ppc64le as well, which is not in it.'],
      platforms: ['linux/riscv64'],
    })
    expect((await verify({ paths: [archive] })).ok).to.equal(true)
  })

  it('says nothing of attestations that are not there', async () => {
    for (const form of ['absent', 'cut'] as const) {
      const archive = packed(withAttestation(indexed(path.join(at.folder, form), [RISCV]), form))
      expect(await installed(archive)).to.deep.equal({ notes: [], platforms: ['linux/riscv64'] })
      const { ok, notes } = await verify({ paths: [archive] })
      expect({ ok, notes }).to.deep.equal({ ok: true, notes: undefined })
    }
  })

  it('is looked through for an index inside it, which may be there in part', async () => {
    const archive = packed(indexed(at.folder, [RISCV], { absent: [ARM64], levels: 3 }))
    expect((await installed(archive)).platforms).to.deep.equal(['linux/riscv64'])
    const whole = packed(indexed(path.join(at.folder, 'whole'), [RISCV, PPC], { levels: 3, isSilent: true }))
    expect((await installed(whole, { platform: 'linux/ppc64le' })).platforms).to.deep.equal(['linux/ppc64le'])
    await installed(whole, { store: path.join(at.folder, 'all') })
    const [listed] = await get({ store: path.join(at.folder, 'all') })
    expect(listed).to.deep.include({ name: 'multi', version: '1.0' })
  })

  it('is damaged in a store or media of ours, which had all of it', async () => {
    const made = indexed(at.folder, [RISCV, PPC])
    await install({ targets: [made], store: at.store })
    const [, lost] = manifestsIn(at.store)
    rmSync(path.join(at.store, blobPath(lost?.entry.digest ?? 'sha256:0')))
    const { ok, problems } = await verify({ store: at.store })
    expect(ok).to.equal(false)
    expect(problems.map(({ code, digest }) => `${code} ${digest}`)).to.deep.equal([
      `BLOB_MISSING ${lost?.entry.digest}`,
    ])
  })

  it('is not an excuse for an image of which a layer is there and another is not', async () => {
    const made = layout(at.folder, [imageOf(RISCV, 'one:1')])
    const [only] = manifestsIn(made)
    rmSync(path.join(made, blobPath(only?.manifest.layers[0]?.digest ?? 'sha256:0')))
    expect((await verify({ paths: [packed(made)] })).ok).to.equal(false)
    await failure(install({ targets: [packed(made)], store: at.store }), 'BLOB_MISSING')
  })

  it('is passed by verify with two builds for one machine, of which an install takes one', async () => {
    const builds = ['10.0.17763.1', '10.0.20348.1', '10.0.26100.1'].map((build) => ({
      os: 'windows',
      architecture: 'amd64',
      'os.version': build,
    }))
    const archive = packed(indexed(at.folder, builds.slice(0, 2), { absent: builds.slice(2) }))
    const { ok, problems } = await verify({ paths: [archive] })
    expect({ ok, problems }).to.deep.equal({ ok: true, problems: [] })
    // A Windows takes none that is newer than itself.
    const platform = process.platform === 'win32' ? 'windows/amd64:10.0.20348.9' : undefined
    expect((await installed(archive, { platform })).platforms).to.deep.equal(['windows/amd64:10.0.20348.1'])
    const all = { targets: [archive], store: path.join(at.folder, 'all'), allPlatforms: true }
    await failure(install(all), 'AMBIGUOUS_NAME')
    expect((await installed(archive, { platform: 'windows/amd64:10.0.17763.1' })).platforms).to.deep.equal([
      'windows/amd64:10.0.17763.1',
    ])
  })

  it('is one image with an entry of the image that is there, where both have one name', async () => {
    const made = indexed(at.folder, [ARM64], { absent: [AMD64] })
    const [index] = readIndex(made) as [Descriptor]
    const [image] = manifestsIn(made)
    const { annotations } = index
    for (const entries of [
      [index, { ...(image?.entry as Descriptor), annotations }],
      [{ ...(image?.entry as Descriptor), annotations }, index],
    ]) {
      writeIndex(made, entries)
      const own = path.join(at.folder, 'own store')
      expect((await installed(packed(made), { store: own })).platforms).to.deep.equal(['linux/arm64'])
      expect((await find({ source: packed(made), allVersions: true })).images).to.have.length(1)
      const [kept] = readIndex(own)
      expect(kept?.annotations?.[ANNOTATIONS.originIndex]).to.equal(index.digest)
    }
  })

  it('is not pushed for a machine that it has nothing for, and with all of its platforms is not refused', async () => {
    const archive = packed(indexed(at.folder, [RISCV, PPC], { absent: [S390X] }))
    const request = { names: [archive], registry: 'http://127.0.0.1:9', store: at.store, whatIf: true }
    await failure(push(request), 'PLATFORM_NOT_FOUND')
    // A registry would keep the last of them under the tag; it gets an index of what is there, and is asked for that.
    await failure(push({ ...request, allPlatforms: true }), 'NETWORK_UNREACHABLE')
  })
})
