import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { addLayered } from '../fixtures/layered-image.js'
import { tar } from '../fixtures/tar.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

const { folder, remove } = scratch()

describe('files', () => {
  let home: string
  const inStore = (...words: string[]): Promise<Ended> => run([...words, '--store', path.join(home, 'store')])

  beforeEach(async () => {
    home = folder()
    const below = tar(
      { name: 'etc/', type: '5', mode: 0o755 },
      { name: 'etc/app.conf', bytes: 'old', mode: 0o640, uid: 3, gid: 4 },
      { name: 'etc/gone.conf', bytes: 'gone' },
      { name: 'bin/su', bytes: 'su', mode: 0o4755 },
      { name: 'lib', type: '2', target: 'usr/lib' },
      { name: 'usr/lib/x.so', bytes: 'x' },
    )
    const above = tar(
      { name: 'etc/app.conf', bytes: 'newer', mode: 0o640, uid: 3, gid: 4 },
      { name: 'etc/.wh.gone.conf' },
      { name: 'bin/su2', type: '1', target: 'bin/su' },
    )
    addLayered(path.join(home, 'layout'), {
      name: 'app',
      version: '1.0',
      layers: [{ tar: below, form: 'gzip' }, { tar: above }],
    })
    expect((await inStore('install', path.join(home, 'layout'))).code).to.equal(0)
  })
  afterEach(remove)

  it('lists as ls -l does, with the layer that brought each, and on request what was removed', async () => {
    const { out } = await inStore('files', 'app')
    expect(out).to.match(/^MODE +OWNER +SIZE +MODIFIED +LAYER +NAME\n/)
    expect(out).to.match(/^-rw-r----- 3:4 +5 \S+ \S+ +2 \/etc\/app\.conf$/m)
    expect(out).to.match(/^-rwsr-xr-x .* 1 \/bin\/su$/m)
    expect(out).to.match(/^-rwsr-xr-x .* 2 \/bin\/su2 = \/bin\/su$/m)
    expect(out).to.match(/^lrw-r--r-- .* \/lib -> usr\/lib$/m)
    expect(out).not.to.contain('gone.conf')
    expect((await inStore('files', 'app', '--removed')).out).to.match(/^\(removed\) +2 \/etc\/gone\.conf$/m)
  })

  for (const [asked, found] of [
    ['etc', ['/etc/app.conf']],
    ['/etc/', ['/etc/app.conf']],
    ['lib', ['/lib']],
    ['lib/x.so', ['/usr/lib/x.so']],
    ['lib/', ['/lib']],
    ['*.conf', ['/etc/app.conf']],
    ['app.conf', ['/etc/app.conf']],
    ['usr/*', ['/usr/lib', '/usr/lib/x.so']],
  ] as const)
    it(`finds ${asked}`, async () => {
      const { out } = await inStore('files', 'app', asked, '--json')
      expect(JSON.parse(out).files.map((file: { path: string }) => file.path)).to.deep.equal(found)
    })

  it('gives JSON with modes in octal digits and sizes in bytes', async () => {
    const { out } = await inStore('files', 'app', 'bin/su', '--json')
    expect(JSON.parse(out)).to.deep.include({ image: 'app:1.0' })
    expect(JSON.parse(out).files[0]).to.deep.include({ kind: 'file', size: 2, mode: '4755', layer: 1 })
  })

  it('says where nothing fits, with what to do', async () => {
    for (const asked of ['etc/nothing', '*.nothing', 'nothing']) {
      const { code, err } = await inStore('files', 'app', asked)
      expect(code).to.equal(2)
      expect(err).to.contain('PATH_NOT_FOUND').and.to.contain('in app:1.0')
    }
    expect((await inStore('files', 'other')).err).to.contain('NOT_INSTALLED')
  })

  it('reads an archive, and asks which where there are several images', async () => {
    const archive = path.join(home, 'app.tar')
    await inStore('save', 'app:1.0', '--path', archive)
    expect((await inStore('files', archive, 'bin/su')).out).to.contain('/bin/su')
    addLayered(path.join(home, 'layout'), {
      name: 'two',
      version: '2.0',
      layers: [{ tar: tar({ name: 'a', bytes: '' }) }],
    })
    const { code, err } = await inStore('files', path.join(home, 'layout'))
    expect(code).to.equal(2)
    expect(err).to.contain('holds 2 images').and.to.contain('--source')
    const named = await inStore('files', 'two', '--source', path.join(home, 'layout'))
    expect(named.out, named.err).to.match(/ \/a$/m)
  })

  describe('with --output', () => {
    it('takes one file out, through links, and overwrites only with --force', async () => {
      const file = path.join(home, 'taken')
      const first = await inStore('files', 'app', '/lib/x.so', '--output', file)
      expect(first.out + first.err).to.contain('/usr/lib/x.so of app:1.0')
      expect(readFileSync(file, 'utf8')).to.equal('x')
      expect((await inStore('files', 'app', 'bin/su2', '--output', file)).err).to.contain('FILE_EXISTS')
      await inStore('files', 'app', 'bin/su2', '--output', file, '--force')
      expect(readFileSync(file, 'utf8')).to.equal('su')
    })

    it('writes nothing with --what-if, for a folder, or without a path', async () => {
      const file = path.join(home, 'taken')
      await inStore('files', 'app', 'bin/su', '--output', file, '--what-if')
      expect((await inStore('files', 'app', 'etc', '--output', file)).err).to.contain('FORMAT_UNFIT')
      expect((await inStore('files', 'app', '--output', file)).err).to.contain('USAGE')
      expect(existsSync(file)).to.equal(false)
    })

    it('leaves the old file where the layer turns out to be damaged', async () => {
      const file = path.join(home, 'taken')
      writeFileSync(file, 'old')
      const { layers } = JSON.parse((await inStore('files', 'app', 'bin/su', '--json')).out)
      const blob = path.join(home, 'store/blobs/sha256', layers[0].digest.slice(7))
      const bytes = readFileSync(blob)
      bytes[bytes.length - 6] = (bytes.at(-6) ?? 0) ^ 1
      writeFileSync(blob, bytes)
      const { code } = await inStore('files', 'app', 'bin/su', '--output', file, '--force')
      expect(code).to.equal(4)
      expect(readFileSync(file, 'utf8')).to.equal('old')
    })
  })
})
