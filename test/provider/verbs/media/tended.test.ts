import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parseIndex, parseMediaList } from '../../../../manifests/index.js'
import {
  get,
  install,
  type MediaRemoveRequest,
  mediaPrune,
  mediaRemove,
  type ProgressEvent,
  save,
  verify,
} from '../../../../provider/index.js'
import { replaceFile } from '../../../../provider/io/files/durable.js'
import { run } from '../../../cli/command/run.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'
import { blobsIn, filesIn } from '../on-disk.js'

describe('a media is tended', () => {
  const temporary = scratch()
  let folder: string
  let stick: string

  beforeEach(() => {
    folder = temporary.folder()
    stick = path.join(folder, 'stick')
    mkdirSync(stick)
  })
  afterEach(() => temporary.remove())

  const base = { files: { base: Buffer.alloc(200_000, 'base') }, compression: 'none' as const }

  /** Images that share a layer, each in a layout of its own. */
  async function holds(...names: string[]): Promise<void> {
    const layouts = names.map((refName) => {
      const layout = path.join(folder, refName.replaceAll(/[/:]/g, '-'))
      if (!existsSync(layout)) makeLayout(layout, [{ refName, layers: [base, { files: { own: refName } }] }])
      return layout
    })
    await save({ names: layouts, path: stick, format: 'media' })
  }

  /** What arrives on the other side, once the media has passed its check. */
  async function arrived(): Promise<string[]> {
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    const store = path.join(temporary.folder(), 'other-side')
    await install({ targets: [stick], store, noLatest: true })
    const names = (await get({ store })).map((row) => `${row.repository}:${row.tag}`).sort()
    const listed = parseMediaList(readFileSync(path.join(stick, 'media.json'))).images.map(({ tag }) => tag)
    expect(listed.sort()).to.deep.equal(names)
    const page = readFileSync(path.join(stick, 'index.html'), 'utf8')
    for (const name of names) expect(page).to.contain(name)
    return names
  }

  async function remove(names: string[], more: Partial<MediaRemoveRequest> = {}) {
    return await mediaRemove({ path: stick, names, ...more })
  }

  it('loses an image with what only that needed, and lists the rest anew', async () => {
    await holds('debian:12.4', 'debian:12.5', 'quay.io/team/redis:7.2')
    const before = blobsIn(stick)
    const result = await remove(['debian:12.4'])
    expect(result.removed.map(({ name, version, tags }) => [name, version, tags])).to.deep.equal([
      ['debian', '12.4', ['debian:12.4']],
    ])
    expect(result.media).to.include({ images: 2, path: stick })
    expect(before.length - blobsIn(stick).length).to.equal(3)
    expect(result.freedBytes).to.be.within(500, 20_000)
    expect(await arrived()).to.deep.equal(['debian:12.5', 'quay.io/team/redis:7.2'])
    expect(readdirSync(stick)).to.not.include('ingest')
  })

  it('has the same bytes as one that never had what was removed', async () => {
    await holds('debian:12.5', 'redis:7.2')
    const whole = filesIn(stick)
    await holds('debian:12.4', 'nginx:1.25')
    await remove(['debian:12.4', 'nginx'])
    expect(filesIn(stick)).to.deep.equal(whole)
  })

  it('takes several names, patterns, and all versions if told so', async () => {
    await holds('debian:12.4', 'debian:12.5', 'redis:7.0', 'redis:7.2', 'redis:6.2')
    const error = await failure(remove(['debian']), 'AMBIGUOUS_NAME')
    expect(error.found).to.contain('debian:12.4').and.to.contain('debian:12.5')
    expect(await arrived()).to.have.length(5)
    await remove(['debian', 'redis:7.*'], { allVersions: true })
    expect(await arrived()).to.deep.equal(['redis:6.2'])
  })

  it('keeps an image that has another name', async () => {
    const layout = path.join(folder, 'two-names')
    makeLayout(layout, [
      { refName: 'debian:12.5', layers: [base] },
      { refName: 'site/base:1', layers: [base] },
    ])
    await save({ names: [layout], path: stick, format: 'media' })
    expect(await arrived()).to.deep.equal(['debian:12.5', 'site/base:1'])
    const { removed } = await remove(['site/base:1'])
    expect(removed[0]?.remaining).to.deep.equal(['debian:12.5'])
    expect(await arrived()).to.deep.equal(['debian:12.5'])
  })

  it('is not changed by a name that is not on it, nor by what would be done', async () => {
    await holds('debian:12.4', 'debian:12.5')
    const before = filesIn(stick)
    const error = await failure(remove(['debian:12.4', 'nginx']), 'NO_MATCH')
    expect(error.found).to.equal('debian:12.4, debian:12.5')
    const would = await remove(['debian:12.4'], { whatIf: true })
    expect(filesIn(stick)).to.deep.equal(before)
    const did = await remove(['debian:12.4'])
    expect(did.freedBytes).to.equal(would.freedBytes)
    expect(did.removed).to.deep.equal(would.removed)
  })

  it('keeps the newest versions of each name, and tags that are not versions', async () => {
    await holds('debian:12.10', 'debian:12.9', 'debian:12.4', 'debian:stable', 'redis:7.2', 'team/redis:6.0')
    const would = await mediaPrune({ path: stick, keep: 2, whatIf: true })
    expect(would.removed.map(({ tags }) => tags)).to.deep.equal([['debian:12.4']])
    await mediaPrune({ path: stick, keep: 2 })
    expect(await arrived()).to.have.length(5)
    await mediaPrune({ path: stick, keep: 1 })
    expect(await arrived()).to.deep.equal(['debian:12.10', 'debian:stable', 'redis:7.2', 'team/redis:6.0'])
    const again = await mediaPrune({ path: stick, keep: 1 })
    expect(again).to.deep.include({ removed: [], freedBytes: 0 })
    for (const keep of [0, -1, 1.5]) await failure(mediaPrune({ path: stick, keep }), 'USAGE')
  })

  it('loses what nothing names, and what stopped runs left', async () => {
    await holds('debian:12.4', 'redis:7.2')
    mkdirSync(path.join(stick, 'ingest'))
    writeFileSync(path.join(stick, 'ingest', `sha256-${'0'.repeat(64)}`), 'half a blob')
    writeFileSync(path.join(stick, 'blobs', 'sha256', '1'.repeat(64)), 'nobody’s')
    expect((await mediaPrune({ path: stick, whatIf: true })).freedBytes).to.be.within(8, 20)
    const { removed, freedBytes } = await mediaPrune({ path: stick })
    expect([removed, freedBytes]).to.deep.equal([[], Buffer.byteLength('nobody’s')])
    expect(await arrived()).to.have.length(2)
    expect(existsSync(path.join(stick, 'ingest'))).to.equal(false)
  })

  for (const name of ['debian:12.4', 'debian:*'])
    it(`is finished by the same command after a kill before it was listed: ${name}`, async () => {
      await holds('debian:12.4', 'redis:7.2')
      // As a run leaves it that was killed once the index had lost its names.
      const file = path.join(stick, 'index.json')
      const index = parseIndex(readFileSync(file))
      const manifests = index.manifests.filter(
        ({ annotations }) => !JSON.stringify(annotations).includes('12.4'),
      )
      await replaceFile(file, Buffer.from(JSON.stringify({ ...index, manifests })))
      const notes: string[] = []
      const onProgress = (event: ProgressEvent): void => {
        if (event.type === 'note') notes.push(event.message)
      }
      await remove([name], { onProgress })
      expect(notes.join()).to.contain('was stopped')
      expect(await arrived()).to.deep.equal(['redis:7.2'])
    })

  it('tells of signatures and recovery files that are of the lists as they were', async () => {
    await holds('debian:12.4', 'redis:7.2')
    for (const name of ['SHA256SUMS.asc', 'media.json.minisig', 'stick.par2', 'notes.txt', 'oci-layout.asc'])
      writeFileSync(path.join(stick, name), name)
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    await remove(['redis'], { onProgress })
    expect(notes.find((note) => note.startsWith('To be made again'))).to.match(
      /: SHA256SUMS\.asc, media\.json\.minisig, stick\.par2\.$/,
    )
    expect(notes.find((note) => note.startsWith('Not of this media'))).to.match(
      /: notes\.txt, oci-layout\.asc\.$/,
    )
  })

  it('is refused where there is no media', async () => {
    await failure(mediaRemove({ path: path.join(folder, 'nowhere'), names: ['a'] }), 'PATH_NOT_FOUND')
    await holds('debian:12.4')
    await failure(mediaPrune({ path: path.join(folder, 'debian-12.4'), keep: 1 }), 'LAYOUT_INVALID')
    await failure(remove([]), 'USAGE')
  })

  it('lists what two runs do at once', async () => {
    await holds('debian:12.4', 'redis:7.2', 'nginx:1.25')
    const saving = holds('busybox:1.36')
    await Promise.all([saving, remove(['redis']), mediaPrune({ path: stick, keep: 1 })])
    expect(await arrived()).to.deep.equal(['busybox:1.36', 'debian:12.4', 'nginx:1.25'])
  })

  it('loses the delta of a layer with the image that needed it', async () => {
    await holds('debian:12.4')
    const first = path.join(folder, 'first')
    cpSync(stick, first, { recursive: true })
    rmSync(stick, { recursive: true })
    mkdirSync(stick)
    await holds('debian:12.5')
    await save({ names: [path.join(folder, 'debian-12.5')], path: stick, format: 'media', base: [first] })
    await mediaRemove({ path: stick, names: ['debian:12.5'] })
    expect(blobsIn(stick)).to.deep.equal([])
    expect(existsSync(path.join(stick, 'delta.json'))).to.equal(false)
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
  })

  describe('from the command line', () => {
    it('says what went, and what is there now', async () => {
      await holds('debian:12.4', 'debian:12.5')
      const would = await run(['media', 'remove', stick, 'debian:12.4', '--what-if'])
      expect(would.out)
        .to.contain('Remove Image')
        .and.to.contain('debian 12.4 (linux/amd64)')
        .and.to.contain('Would free')
      const { code, out } = await run(['media', 'remove', stick, 'debian:12.4'])
      expect(code).to.equal(0)
      expect(out).to.contain('Removed debian 12.4').and.to.contain('1 image,').and.to.contain('Freed')
      const json = await run(['media', 'prune', stick, '--keep', '1', '--json'])
      expect(JSON.parse(json.out)).to.deep.include({ removed: [], freedBytes: 0 })
    })

    it('asks first where that is wanted, with the names that are meant', async () => {
      await holds('debian:12.4', 'debian:12.5')
      const before = filesIn(stick)
      const no = await run(['media', 'prune', stick, '--keep', '1', '--confirm'], { answer: 'n\n' })
      expect(no.err).to.contain('debian 12.4')
      expect(filesIn(stick)).to.deep.equal(before)
      await run(['media', 'prune', stick, '--keep', '1', '--confirm'], { answer: 'y\n' })
      expect(await arrived()).to.deep.equal(['debian:12.5'])
      expect((await run(['media', 'prune', stick, '--keep', 'two'])).code).to.equal(2)
    })
  })
})
