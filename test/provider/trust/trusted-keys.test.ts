import { existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  install,
  load,
  push,
  save,
  serve,
  trustAdd,
  trustList,
  trustRemove,
} from '../../../provider/index.js'
import { Settings } from '../../../provider/session/settings/settings.js'
import { publicKeyLine } from '../../../provider/trust/minisign/public-key.js'
import { signBytes } from '../../../provider/trust/minisign/signature.js'
import { failure } from '../verbs/failure.js'
import { smallOrder } from './curve/small-order.js'
import { type Keys, saved, secretOf, trustingHost } from './site.js'

describe('a key that is trusted', () => {
  const host = trustingHost()
  let build: Keys
  let lab: Keys
  let unsigned = ''
  let media = ''

  beforeEach(async () => {
    host.begin()
    build = await host.keys('build')
    lab = await host.keys('lab')
    unsigned = await saved(host.folder(), ['debian:12.5'], { path: path.join(host.folder(), 'debian.tar') })
    media = await saved(host.folder(), ['debian:12.5'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
      sign: [build.secret],
    })
  })
  afterEach(() => host.end())

  const store = (): string => path.join(host.folder(), 'store')

  it('is listed by its name, and forgotten by it', async () => {
    const { id } = await trustAdd({ key: build.public, name: 'build', patterns: ['debian*'] })
    expect(await trustList()).to.deep.equal([
      {
        name: 'build',
        id,
        key: readFileSync(build.public, 'utf8').split('\n')[1],
        patterns: ['debian*'],
      },
    ])
    await failure(trustAdd({ key: build.public, name: 'again' }), 'KEY_EXISTS')
    await failure(trustAdd({ key: lab.public, name: 'BUILD' }), 'KEY_EXISTS')
    await failure(trustRemove('other'), 'KEY_UNKNOWN')
    await trustRemove('build')
    expect(await trustList()).to.deep.equal([])
  })

  it('is taken by the line in its file, and by nothing else', async () => {
    const [, line = ''] = readFileSync(build.public, 'utf8').split('\n')
    expect((await trustAdd({ key: line })).name).to.equal(build.id)
    await failure(trustAdd({ key: build.secret }), 'KEY_INVALID')
    await failure(trustAdd({ key: 'nothing' }), 'PATH_NOT_FOUND')
    await failure(trustAdd({ key: lab.public, name: '../x' }), 'USAGE')
  })

  it('can be removed where it was added before anybody knew that all can sign with it', async () => {
    for (const [at, point] of smallOrder().slice(0, 3).entries()) {
      const key = publicKeyLine({ id: build.id, bytes: point })
      await failure(trustAdd({ key, name: 'weak' }), 'KEY_INVALID')
      const settings = await Settings.change()
      await settings.set('trust', [{ name: `weak${at}`, key }])
      const error = await failure(install({ targets: [media], store: store() }), 'KEY_INVALID')
      expect(error.message).to.contain(`weak${at}`)
      expect(error.remedy).to.contain('Remove it with')
      await failure(trustList(), 'KEY_INVALID')
      expect((await trustRemove(at === 0 ? build.id : `weak${at}`)).name).to.equal(`weak${at}`)
      expect(await trustList()).to.deep.equal([])
    }
  })

  it('is asked for by every verb that takes images', async () => {
    await trustAdd({ key: build.public, name: 'build' })
    const refused = 'SIGNATURE_MISSING'
    await failure(install({ targets: [unsigned], store: store() }), refused)
    await failure(install({ targets: [path.dirname(unsigned)], store: store() }), refused)
    await failure(install({ targets: ['debian'], source: unsigned, store: store() }), refused)
    await failure(load({ names: [unsigned], engine: 'docker', store: store() }), refused)
    await failure(push({ names: [unsigned], registry: '127.0.0.1:9', store: store() }), refused)
    await failure(serve({ path: unsigned, whatIf: true, store: store() }), refused)
    await failure(save({ names: [unsigned], path: host.folder(), store: store() }), refused)
    const stdin = (async function* () {
      yield readFileSync(unsigned)
    })()
    await failure(install({ targets: ['-'], stdin, store: store() }), refused)
    await install({ targets: [media], store: store() })
  })

  it('does not keep what is installed from being used', async () => {
    const own = store()
    await install({ targets: [unsigned], store: own })
    await trustAdd({ key: build.public, name: 'build' })
    await save({ names: ['debian'], path: host.folder(), source: 'store:', store: own })
    await save({ names: [own], path: host.folder(), store: own })
  })

  it('signs the names that it may sign, and no others', async () => {
    await trustAdd({ key: build.public, name: 'build', patterns: ['nginx*'] })
    const error = await failure(install({ targets: [media], store: store() }), 'SIGNATURE_UNTRUSTED')
    expect(error.message).to.contain('debian')
    expect(error.found).to.contain(`build (${build.id})`).and.to.contain('nginx*')
  })

  it('is named in the refusal of what another key has signed', async () => {
    await trustAdd({ key: lab.public, name: 'lab' })
    const error = await failure(install({ targets: [media], store: store() }), 'SIGNATURE_UNTRUSTED')
    expect(error.expected).to.contain(`lab (${lab.id})`)
    expect(error.found).to.contain(build.id)
  })

  it('is not undone by something older, in whatever that lies', async () => {
    await trustAdd({ key: build.public, name: 'build' })
    process.env.SOURCE_DATE_EPOCH = '1600000000'
    const before = await signedAnew(media, build, 1_600_000_000)
    await install({ targets: [media], store: store() })
    await install({ targets: [media], store: store() })
    before()
    const error = await failure(install({ targets: [media], store: store() }), 'SIGNATURE_OLDER')
    expect(error.expected).to.contain('1700000000')
    await trustRemove('build')
    await trustAdd({ key: build.public, name: 'build' })
    await install({ targets: [media], store: store() })
  })

  it('leaves no mark of what would be installed', async () => {
    await trustAdd({ key: build.public, name: 'build' })
    await install({ targets: [media], store: store(), whatIf: true })
    expect(existsSync(path.join(process.env.XDG_DATA_HOME ?? '', 'containerimage/trust/seen.json'))).to.equal(
      false,
    )
  })

  it('keeps its marks for this user alone, and does not go on where they are damaged', async function () {
    if (process.platform === 'win32') this.skip()
    await trustAdd({ key: build.public, name: 'build' })
    await install({ targets: [media], store: store() })
    const marks = path.join(process.env.XDG_DATA_HOME ?? '', 'containerimage/trust/seen.json')
    expect(statSync(marks).mode & 0o777).to.equal(0o600)
    expect(statSync(path.dirname(marks)).mode & 0o777).to.equal(0o700)
    writeFileSync(marks, '{')
    await failure(install({ targets: [media], store: store() }), 'INVALID_DOCUMENT')
  })

  it('does not go on where its marks lie behind a link to what is not there, which would let in what is older', async function () {
    if (process.platform === 'win32') this.skip()
    await trustAdd({ key: build.public, name: 'build' })
    const older = await signedAnew(media, build, 1_600_000_000)
    await install({ targets: [media], store: store() })
    older()
    const marks = path.join(process.env.XDG_DATA_HOME ?? '', 'containerimage/trust/seen.json')
    const folder = path.dirname(marks)
    for (const place of [marks, folder, path.dirname(folder)]) {
      const mounted = path.join(host.folder(), 'mounted')
      renameSync(place, mounted)
      for (const gone of ['not-mounted', path.join(host.folder(), 'not-mounted')]) {
        symlinkSync(gone, place)
        for (const whatIf of [true, false]) {
          const error = await failure(install({ targets: [media], store: store(), whatIf }), 'PATH_NOT_FOUND')
          expect(error.message).to.contain('a link to what is not there')
          expect(error.remedy).to.contain('Mount the disk')
        }
        rmSync(place)
      }
      symlinkSync(mounted, place)
      await failure(install({ targets: [media], store: store() }), 'SIGNATURE_OLDER')
      rmSync(place)
      renameSync(mounted, place)
    }
  })

  it('is one of several that must have signed', async () => {
    expect(await host.taken(media, [build, lab], 2)).to.equal('SIGNATURE_UNTRUSTED')
    const secret = await secretOf(build)
    const list = path.join(media, 'SHA256SUMS')
    // The same key twice is one signer.
    writeFileSync(`${list}.${build.id}.minisig`, signBytes(secret, readFileSync(list), 'sequence:1800000000'))
    expect(await host.taken(media, [build, lab], 2)).to.equal('SIGNATURE_UNTRUSTED')
    writeFileSync(
      `${list}.${lab.id}.minisig`,
      signBytes(await secretOf(lab), readFileSync(list), 'sequence:1800000000'),
    )
    expect(await host.taken(media, [build, lab], 2)).to.equal('taken')
  })

  it('is missed at the first install of a media into a store by whoever trusts nobody', async () => {
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }): void => {
      if (event.type === 'note') notes.push(event.message ?? '')
    }
    const place = store()
    for (const targets of [[media], [media]]) await install({ targets, store: place, onProgress })
    expect(notes.filter((note) => note.startsWith('No key is trusted yet'))).to.have.length(1)
  })

  /** Signs a media by hand with another number. @returns puts that in the place of its own */
  async function signedAnew(at: string, key: Keys, sequence: number): Promise<() => void> {
    const list = path.join(at, 'SHA256SUMS')
    const bytes = signBytes(await secretOf(key), readFileSync(list), `sequence:${sequence}`)
    return () => writeFileSync(`${list}.minisig`, bytes)
  }
})
