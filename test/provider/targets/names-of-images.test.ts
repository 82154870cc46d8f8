import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor } from '../../../manifests/index.js'
import { get, install, tag, untag } from '../../../provider/index.js'
import { makeLayout, readIndex, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { filesIn } from '../verbs/on-disk.js'

describe('the names of installed images', () => {
  const temporary = scratch()
  let store: string
  let debian: Descriptor
  let nano: Descriptor

  beforeEach(async () => {
    const folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
    const annotations = { [ANNOTATIONS.name]: 'NanoServer', [ANNOTATIONS.publisher]: 'Microsoft' }
    ;[debian, nano] = makeLayout(folder, [
      { refName: 'debian:12.5', layers: [{ files: { a: 'debian' } }] },
      { refName: 'nanoserver:10.0.14300.1010', annotations, layers: [{ files: { a: 'nano' } }] },
    ]) as [Descriptor, Descriptor]
    await install({ targets: [folder], store })
  })
  afterEach(() => temporary.remove())

  async function found(...names: string[]): Promise<string[]> {
    return (await get({ names, store })).map((image) => `${image.repository}:${image.tag}`)
  }

  async function installFor(architecture: string, refName: string, content: string): Promise<void> {
    const folder = path.join(temporary.folder(), content)
    const platform = { os: 'linux', architecture }
    makeLayout(folder, [{ refName, platform, layers: [{ files: { a: content } }] }])
    await install({ targets: [folder], store })
  }

  /** Of all machines, amd64 first. */
  async function rowsOf(name: string) {
    const rows = await get({ names: [name], store })
    return rows.sort((a, b) => (a.architecture < b.architecture ? -1 : 1))
  }
  const machines = async (name: string) => (await rowsOf(name)).map((row) => row.architecture)
  const digestsOf = async (name: string) => (await rowsOf(name)).map((row) => row.digest)

  const NANO = ['nanoserver:10.0.14300.1010', 'nanoserver:latest']

  describe('get', () => {
    it('gives a row a tag, with all that is known', async () => {
      const rows = await get({ store })
      expect(rows).to.have.length(4)
      expect(rows[2]).to.deep.include({
        repository: 'nanoserver',
        tag: '10.0.14300.1010',
        name: 'NanoServer',
        version: '10.0.14300.1010',
        fullName: 'CN=Microsoft_NanoServer_10.0.14300.1010',
        digest: nano.digest,
        created: '2024-02-11T00:00:00Z',
        os: 'linux',
        architecture: 'amd64',
      })
      expect(rows[2]?.size).to.be.greaterThan(nano.size)
    })

    it('takes names in any case, wildcards, and tags', async () => {
      expect(await found('NANOSERVER')).to.deep.equal(NANO)
      expect(await found('nano*')).to.deep.equal(NANO)
      expect(await found('[a-d]ebia?')).to.deep.equal(['debian:12.5', 'debian:latest'])
      expect(await found('nanoserver:latest')).to.deep.equal(['nanoserver:latest'])
      expect(await found('*:10.0.*')).to.deep.equal([NANO[0]])
      expect(await found('CN=Microsoft_*')).to.deep.equal(NANO)
      expect(await found('debian:12.5', 'nanoserver:latest')).to.deep.equal(['debian:12.5', NANO[1]])
    })

    it('takes digests, and the beginning of an id', async () => {
      const [row] = await get({ names: ['debian:12.5'], store })
      expect(await found(debian.digest)).to.deep.equal(['debian:12.5', 'debian:latest'])
      expect(await found(row?.id.slice(7, 19) ?? '')).to.deep.equal(['debian:12.5', 'debian:latest'])
      expect(await found(`sha256:${'0'.repeat(64)}`)).to.deep.equal([])
    })

    it('finds nothing where nothing fits, or where there is no store', async () => {
      expect(await found('alpine')).to.deep.equal([])
      const nowhere = path.join(store, '..', 'nowhere')
      expect(await get({ store: nowhere })).to.deep.equal([])
      expect(filesIn(nowhere)).to.deep.equal({})
    })

    it('leaves an entry out that cannot be read, and says so', async () => {
      const lost = { mediaType: debian.mediaType, digest: `sha256:${'0'.repeat(64)}`, size: 10 }
      const annotations = { [ANNOTATIONS.refName]: 'lost:1' }
      writeIndex(store, [...readIndex(store), { ...lost, annotations }])
      const notes: string[] = []
      const rows = await get({
        store,
        onProgress: (event) => event.type === 'note' && notes.push(event.message),
      })
      expect(rows).to.have.length(4)
      expect(notes).to.have.length(1)
      expect(notes[0]).to.contain(lost.digest)
    })

    it('refuses a folder that is not a store', async () => {
      const other = temporary.folder()
      writeFileSync(path.join(other, 'letter.txt'), 'Dear')
      await failure(get({ store: other }), 'LAYOUT_INVALID')
      await failure(get({ store: path.join(other, 'letter.txt') }), 'LAYOUT_INVALID')
    })
  })

  describe('tag', () => {
    it('gives an image one more name', async () => {
      const result = await tag({ from: 'Debian:12.5', to: 'registry.example.com:5000/lab/mine:v1', store })
      expect(result).to.deep.equal({ tag: 'registry.example.com:5000/lab/mine:v1', digest: debian.digest })
      expect(await found('*mine')).to.deep.equal(['registry.example.com:5000/lab/mine:v1'])
    })

    it('means latest where no tag is given', async () => {
      await tag({ from: 'debian', to: 'mine', store })
      expect(await found('mine')).to.deep.equal(['mine:latest'])
    })

    it('takes digests and the beginning of an id', async () => {
      const [row] = await get({ names: ['debian:12.5'], store })
      for (const from of [debian.digest, row?.id ?? '', row?.id.slice(7, 15) ?? ''])
        expect((await tag({ from, to: 'mine:1', store })).digest).to.equal(debian.digest)
    })

    it('says what the tag named before', async () => {
      const result = await tag({ from: 'debian', to: 'nanoserver:latest', store })
      expect(result.movedFrom).to.equal(nano.digest)
      expect((await get({ names: ['nanoserver:latest'], store }))[0]?.digest).to.equal(debian.digest)
    })

    it('changes nothing with --what-if', async () => {
      const before = filesIn(store)
      const result = await tag({ from: 'debian', to: 'nanoserver:latest', whatIf: true, store })
      expect(result.movedFrom).to.equal(nano.digest)
      expect(filesIn(store)).to.deep.equal(before)
    })

    it('gives it to the images for all machines that have the old one, and leaves those of others', async () => {
      await installFor('arm64', 'debian:12.5', 'two')
      await tag({ from: 'debian:12.5', to: 'base:1', store })
      expect(await machines('base:1')).to.deep.equal(['amd64', 'arm64'])
      await installFor('amd64', 'other:1', 'three')
      await tag({ from: 'other:1', to: 'base:1', store })
      expect(await machines('base:1')).to.deep.equal(['amd64', 'arm64'])
      expect(await digestsOf('base:1')).to.have.members([
        ...(await digestsOf('other:1')),
        ...(await digestsOf('debian:12.5')).slice(1),
      ])
      const digests = await digestsOf('base:1')
      const { tag: untagged, digest, otherDigests = [] } = await untag({ name: 'base:1', store })
      expect(untagged).to.equal('base:1')
      expect([digest, ...otherDigests]).to.have.members(digests)
      // That for this machine first; a Windows has neither.
      if (process.platform !== 'win32') expect(digest).to.equal(digests[0])
      expect(await machines('base:1')).to.deep.equal([])
    })

    it('refuses what is not a name, and what is not installed', async () => {
      await failure(tag({ from: 'debian', to: 'Not A Name', store }), 'INVALID_REFERENCE')
      const error = await failure(tag({ from: 'debain', to: 'mine:1', store }), 'NOT_INSTALLED')
      expect(error.remedy).to.equal('Did you mean debian?')
      await failure(tag({ from: `sha256:${'0'.repeat(64)}`, to: 'mine:1', store }), 'NOT_INSTALLED')
      const nowhere = path.join(store, '..', 'nowhere')
      await failure(tag({ from: 'debian', to: 'mine:1', store: nowhere }), 'NOT_INSTALLED')
      expect(filesIn(nowhere)).to.deep.equal({})
    })
  })

  it('are found by a reference with a digest, whatever tag stands beside it, and in no other repository', async () => {
    await tag({ from: 'debian:12.5', to: 'quay.io/team/base:1', store })
    const rows = async (name: string) =>
      (await get({ names: [name], store })).map((one) => `${one.repository}:${one.tag}`)
    expect(await rows(`quay.io/team/base@${debian.digest}`)).to.deep.equal(['quay.io/team/base:1'])
    expect(await rows(`base:other@${debian.digest}`)).to.deep.equal(['quay.io/team/base:1'])
    expect(await rows(`base@${nano.digest}`)).to.deep.equal([])
    expect(await rows(`nothing@${debian.digest}`)).to.deep.equal([])
  })

  describe('untag', () => {
    it('takes the end of a name that one image has, as every verb does', async () => {
      await tag({ from: 'debian:12.5', to: 'quay.io/team/base:1', store })
      await tag({ from: 'debian:12.5', to: 'ghcr.io/other/base:2', store })
      expect((await untag({ name: 'team/base:1', whatIf: true, store })).tag).to.equal('quay.io/team/base:1')
      expect((await untag({ name: 'base:1', store })).tag).to.equal('quay.io/team/base:1')
      expect(await found('ghcr.io/other/base')).to.deep.equal(['ghcr.io/other/base:2'])
    })

    it('refuses an end that several have, and never takes another name for a whole one', async () => {
      await tag({ from: 'debian:12.5', to: 'quay.io/team/base:1', store })
      await tag({ from: 'nanoserver', to: 'ghcr.io/other/base:1', store })
      await failure(untag({ name: 'base:1', store }), 'AMBIGUOUS_NAME')
      await tag({ from: 'debian:12.5', to: 'quay.io/team/debian:1', store })
      await failure(untag({ name: 'debian:1', store }), 'NOT_INSTALLED')
      await failure(untag({ name: debian.digest, store }), 'NOT_INSTALLED')
    })

    it('takes one name away, and leaves the image', async () => {
      const blobs = Object.keys(filesIn(path.join(store, 'blobs')))
      const result = await untag({ name: 'debian:12.5', store })
      expect(result).to.deep.equal({ tag: 'debian:12.5', digest: debian.digest })
      await untag({ name: 'debian', store })
      expect(await found()).to.deep.equal(NANO)
      expect(Object.keys(filesIn(path.join(store, 'blobs')))).to.deep.equal(blobs)
    })

    it('changes nothing with --what-if', async () => {
      const before = filesIn(store)
      await untag({ name: 'debian:12.5', whatIf: true, store })
      expect(filesIn(store)).to.deep.equal(before)
    })

    it('refuses a name that nothing has', async () => {
      await failure(untag({ name: 'debian:1', store }), 'NOT_INSTALLED')
      await failure(untag({ name: 'a b', store }), 'INVALID_REFERENCE')
      await failure(untag({ name: 'debian', store: path.join(store, '..', 'nowhere') }), 'NOT_INSTALLED')
    })
  })
})
