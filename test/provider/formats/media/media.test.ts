import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, isPortablePath, parseMediaList } from '../../../../manifests/index.js'
import { find, get, install, type SaveResult, save, verify } from '../../../../provider/index.js'
import { type MadeLayer, makeLayout } from '../../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { blobBytes, filesIn } from '../../verbs/on-disk.js'

describe('a media', () => {
  const temporary = scratch()
  let folder: string
  let stick: string
  let store: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    stick = path.join(temporary.folder(), 'stick')
    store = path.join(temporary.folder(), 'store')
    mkdirSync(stick)
  })
  afterEach(() => temporary.remove())

  /** Three images on one base, each in a layout of its own as if from three sources. */
  function threeImages(): string[] {
    const base: MadeLayer = { files: { base: Buffer.alloc(400_000, 'base') }, compression: 'none' }
    return ['12.4', '12.5', '12.6'].map((version) => {
      const layout = `${folder}-${version}`
      makeLayout(layout, [{ refName: `debian:${version}`, layers: [base, { files: { own: version } }] }])
      return layout
    })
  }

  function oneImage(content = 'one', refName = 'debian:12.5'): string {
    makeLayout(folder, [{ refName, layers: [{ files: { file: content } }] }])
    return folder
  }

  async function onStick(names: string[]): Promise<SaveResult> {
    return await save({ names, path: stick, format: 'media' })
  }

  function problemsOf(problems: { code: string; path?: string }[]): string[] {
    return problems.map((problem) => `${problem.code} ${problem.path}`)
  }

  it('keeps what its images share once', async () => {
    const layouts = threeImages()
    const distinct = new Map(layouts.flatMap((layout) => Object.entries(filesIn(path.join(layout, 'blobs')))))
    await onStick(layouts)
    expect(Object.keys(filesIn(path.join(stick, 'blobs'))).sort()).to.deep.equal([...distinct.keys()].sort())
    const bytes = Object.keys(filesIn(stick)).reduce(
      (sum, file) => sum + readFileSync(path.join(stick, file)).length,
      0,
    )
    expect(bytes - blobBytes(stick)).to.be.lessThan(1_000_000)
  })

  it('lists every file but its lists, under names that every file system takes', async () => {
    await onStick(threeImages())
    const list = parseMediaList(readFileSync(path.join(stick, 'media.json')))
    const files = filesIn(stick)
    const listed = Object.fromEntries(list.files.map((file) => [file.path, `sha256:${file.sha256}`]))
    const { 'media.json': _media, SHA256SUMS: _sums, ...others } = files
    expect(listed).to.deep.equal(others)
    expect(Object.keys(files).filter((file) => !isPortablePath(file))).to.deep.equal([])
    expect(list.images.map(({ name, version }) => `${name} ${version}`)).to.deep.equal([
      'debian 12.4',
      'debian 12.5',
      'debian 12.6',
    ])
  })

  it('is what several names make that go to a folder, and what its folder goes on to be', async () => {
    const [first = '', second = '', third = ''] = threeImages()
    await save({ names: [first, second], path: stick })
    const result = await save({ names: [third], path: stick })
    expect(result.media).to.include({ path: stick, images: 3 })
    expect(result.reusedBytes).to.be.greaterThan(400_000)
    expect(readdirSync(stick).filter((name) => name.endsWith('.tar'))).to.deep.equal([])
  })

  it('has the same bytes after the same save, and says when each image came', async () => {
    const [first = '', second = ''] = threeImages()
    await onStick([first])
    const before = filesIn(stick)
    await onStick([first])
    expect(filesIn(stick)).to.deep.equal(before)
    const [mark] = parseMediaList(readFileSync(path.join(stick, 'media.json'))).images
    await onStick([first, second])
    const after = parseMediaList(readFileSync(path.join(stick, 'media.json'))).images
    expect(after[0]).to.deep.equal(mark)
    expect(after[1]?.saved ?? '').to.satisfy((time: string) => time > (mark?.saved ?? ''))
    expect(after[1]?.source).to.equal(path.basename(second))
  })

  it('loses what only an image needed that another took the place of', async () => {
    await onStick([oneImage()])
    const before = Object.keys(filesIn(path.join(stick, 'blobs')))
    rmSync(folder, { recursive: true })
    await onStick([oneImage('another')])
    const after = Object.keys(filesIn(path.join(stick, 'blobs')))
    expect(after).to.have.length(3)
    expect(after.filter((blob) => before.includes(blob))).to.deep.equal([])
    expect(await verify({ paths: [stick] })).to.deep.include({ ok: true, problems: [] })
  })

  it('is installed from, found in, and verified as it is', async () => {
    const layouts = threeImages()
    await onStick(layouts)
    const found = (await find({ source: stick, allVersions: true })).images
    expect(found.map((image) => image.version)).to.have.members(['12.4', '12.5', '12.6'])
    const one = await install({ targets: ['debian'], source: stick, requiredVersion: '12.4', store })
    expect(one.images.map((image) => image.version)).to.deep.equal(['12.4'])
    const all = await install({ targets: [stick], store })
    expect(all.images).to.have.length(3)
    expect((await verify({ store })).problems).to.deep.equal([])
    const { ok, bytes } = await verify({ paths: [stick] })
    expect(ok).to.equal(true)
    expect(bytes).to.be.greaterThan(blobBytes(stick))
  })

  it('is made with --force where the folder is not there, and not without', async () => {
    const missing = path.join(stick, 'a', 'b')
    await failure(save({ names: [oneImage()], path: missing, format: 'media' }), 'PATH_NOT_FOUND')
    const { media } = await save({ names: [folder], path: missing, format: 'media', force: true })
    expect(media?.images).to.equal(1)
  })

  it('stays as it is with --what-if', async () => {
    const result = await save({ names: [oneImage()], path: stick, format: 'media', whatIf: true })
    expect(readdirSync(stick)).to.deep.equal([])
    expect(result.files).to.have.length(1)
  })

  describe('that is not as its list says', () => {
    let blob: string

    beforeEach(async () => {
      makeLayout(folder, [
        { refName: 'debian:12.5', layers: [{ files: { file: 50_000 }, compression: 'none' }] },
      ])
      await onStick([folder])
      const [layer] = parseMediaList(readFileSync(path.join(stick, 'media.json'))).files.filter(
        (file) => file.size > 50_000,
      )
      blob = layer?.path ?? ''
    })

    it('is told file by file: missing, changed, and besides', async () => {
      rmSync(path.join(stick, 'oci-layout'))
      writeFileSync(path.join(stick, 'oci-layout'), '{"imageLayoutVersion":"1.0.1"}')
      writeFileSync(path.join(stick, 'index.html'), 'another page')
      writeFileSync(path.join(stick, 'run-me.exe'), 'x')
      rmSync(path.join(stick, blob))
      rmSync(path.join(stick, 'SHA256SUMS'))
      const { ok, problems } = await verify({ paths: [stick] })
      expect(ok).to.equal(false)
      expect(problemsOf(problems)).to.have.members([
        `BLOB_MISSING ${stick}`,
        'FILE_CHANGED index.html',
        'FILE_MISSING SHA256SUMS',
        'FILE_CHANGED oci-layout',
        'FILE_EXTRA run-me.exe',
      ])
    })

    it('is told of a blob once, whose bytes are others', async () => {
      rmSync(path.join(stick, blob))
      writeFileSync(path.join(stick, blob), Buffer.alloc(51_712))
      const { problems } = await verify({ paths: [stick] })
      expect(problemsOf(problems)).to.deep.equal([`DIGEST_MISMATCH ${blob}`])
    })

    it('is told of a list that lies, by the list of sums', async () => {
      const file = path.join(stick, 'media.json')
      writeFileSync(file, readFileSync(file, 'utf8').replace('"savedBy": "', '"savedBy": "9.'))
      expect(problemsOf((await verify({ paths: [stick] })).problems)).to.deep.equal([
        'FILE_CHANGED SHA256SUMS',
      ])
      writeFileSync(file, '{"mediaVersion":1,"images":[],"files":[{"path":"../up","size":1,"sha256":"x"}]}')
      const [problem] = (await verify({ paths: [stick] })).problems
      expect(problem?.code).to.equal('INVALID_DOCUMENT')
      await failure(install({ targets: [stick], store }), 'INVALID_DOCUMENT')
    })

    it('is not installed from where the index is another: two sticks were mixed, or a save did not end', async () => {
      const index = readFileSync(path.join(stick, 'index.json'))
      writeFileSync(path.join(stick, 'index.json'), index.toString().replace('12.5', '12.9'))
      const error = await failure(install({ targets: [stick], store }), 'FILE_CHANGED')
      expect(error.message).to.contain('index.json')
      expect(filesIn(store)).to.deep.equal({})
    })

    it('is installed from with a note where something lies besides', async () => {
      writeFileSync(path.join(stick, 'run-me.exe'), 'x')
      const notes: string[] = []
      await install({
        targets: [stick],
        store,
        onProgress: (event) => event.type === 'note' && notes.push(event.message),
      })
      expect(notes.join()).to.contain('run-me.exe is on the media and not in its list')
    })

    it('does not take what lies besides into its list', async () => {
      writeFileSync(path.join(stick, 'run-me.exe'), 'x')
      const notes: string[] = []
      await save({
        names: [folder],
        path: stick,
        onProgress: (event) => event.type === 'note' && notes.push(event.message),
      })
      expect(notes.join()).to.contain('run-me.exe')
      expect(problemsOf((await verify({ paths: [stick] })).problems)).to.deep.equal(['FILE_EXTRA run-me.exe'])
    })

    it('has what systems put on every stick without a word', async () => {
      mkdirSync(path.join(stick, 'System Volume Information'))
      writeFileSync(path.join(stick, 'System Volume Information', 'IndexerVolumeGuid'), 'x')
      writeFileSync(path.join(stick, '.DS_Store'), 'x')
      expect(await verify({ paths: [stick] })).to.deep.include({ ok: true, problems: [] })
    })

    it('is whole again after the same save', async () => {
      rmSync(path.join(stick, blob))
      writeFileSync(path.join(stick, 'index.html'), 'another page')
      rmSync(path.join(stick, 'SHA256SUMS'))
      await onStick([folder])
      expect(await verify({ paths: [stick] })).to.deep.include({ ok: true, problems: [] })
    })
  })

  it('goes on where a run was killed while it made the layout', async () => {
    writeFileSync(path.join(stick, 'index.json'), '{"schemaVersion":2,"manifests":[]}')
    await onStick([oneImage()])
    expect(await verify({ paths: [stick] })).to.deep.include({ ok: true, problems: [] })
  })

  it('keeps images whose repositories end in the same word, saved together or one after the other', async () => {
    const names = ['redis:7', 'bitnami/redis:7', 'quay.io/opstree/redis:7']
    const layouts = names.map((refName) => {
      folder = path.join(temporary.folder(), 'layout')
      return oneImage(refName, refName)
    })
    await onStick(layouts.slice(0, 2))
    const { moved } = await onStick(layouts.slice(2))
    expect(moved).to.equal(undefined)
    const { images } = await find({ source: stick, allVersions: true })
    expect(images.map(({ name, version }) => `${name}:${version}`)).to.have.members(names)
    expect(new Set(images.map(({ digest }) => digest)).size).to.equal(3)
    expect((await verify({ paths: [stick] })).ok).to.equal(true)
  })

  it('says from what to what a name moves, also before it does', async () => {
    const first = await onStick([oneImage('one')])
    folder = path.join(temporary.folder(), 'layout')
    const names = [oneImage('two')]
    const would = await save({ names, path: stick, format: 'media', whatIf: true })
    const second = await onStick(names)
    const move = { from: first.images[0]?.digest, to: second.images[0]?.digest }
    expect(second.moved).to.deep.equal([
      { tag: 'debian:12.5', ...move, fromVersion: '12.5', toVersion: '12.5' },
    ])
    expect(would.moved).to.deep.equal(second.moved)
  })

  it('keeps the images of one name for several machines', async () => {
    for (const architecture of ['amd64', 'arm64', 's390x']) {
      folder = path.join(temporary.folder(), 'layout')
      makeLayout(folder, [
        {
          refName: 'debian:12.5',
          platform: { os: 'linux', architecture },
          layers: [{ files: { machine: architecture } }],
        },
      ])
      expect((await onStick([folder])).moved).to.equal(undefined)
    }
    for (const architecture of ['amd64', 'arm64', 's390x']) {
      const { images } = await install({ targets: [stick], platform: `linux/${architecture}`, store })
      expect(images.map(({ platform }) => platform.split('/')[1])).to.deep.equal([architecture])
    }
    const rows = await get({ store })
    expect(rows.filter(({ tag }) => tag === '12.5').map((row) => row.architecture)).to.have.members([
      'amd64',
      'arm64',
      's390x',
    ])
    const missing = await failure(
      install({ targets: [stick], platform: 'linux/ppc64le', store }),
      'PLATFORM_NOT_FOUND',
    )
    expect(missing.details?.platforms).to.have.length(3)
  })

  it('refuses two images for one name before anything is written', async () => {
    const [one, other] = ['one', 'two'].map((content) => {
      folder = path.join(temporary.folder(), 'layout')
      return oneImage(content)
    })
    const error = await failure(onStick([one ?? '', other ?? '']), 'AMBIGUOUS_NAME')
    expect(error.details?.name).to.equal('debian:12.5')
    expect(readdirSync(stick)).to.deep.equal([])
  })

  it('refuses a folder with an index that is of something else', async () => {
    writeFileSync(path.join(stick, 'index.json'), '{}')
    await failure(onStick([oneImage()]), 'LAYOUT_INVALID')
    expect(readdirSync(stick)).to.deep.equal(['index.json'])
  })

  describeWithPeers(['skopeo'], 'read by others', () => {
    it('is an OCI layout for skopeo, and a list of sums for sha256sum', async () => {
      const [root] = makeLayout(folder, [{ refName: 'debian:12.5', layers: [{ files: { file: 'one' } }] }])
      await onStick([folder])
      const inspected = JSON.parse(runPeer('skopeo', ['inspect', `oci:${stick}:debian:12.5`]))
      expect(inspected.Digest).to.equal(root?.digest)
      expect(readFileSync(path.join(stick, blobPath(root?.digest ?? ''))).length).to.equal(root?.size)
    })
  })
})
