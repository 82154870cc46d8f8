import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { find, history, inspect, install, save, verify } from '../../../../provider/index.js'
import { makeLayout, tarOf } from '../../../fixtures/layout.js'
import { damageWim, makeWim } from '../../../fixtures/wim.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { zipOf } from '../../../security/zip-builder.js'
import { failure } from '../../verbs/failure.js'
import { blobsIn, filesIn } from '../../verbs/on-disk.js'

describe('zip', () => {
  const temporary = scratch()
  let layout: string
  let folder: string
  let store: string

  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      {
        refName: 'base:1.0',
        layers: [{ files: { large: 9_000_000 }, compression: 'none' }, { files: { 'etc/motd': 'small' } }],
      },
    ])
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
    const verified = await verify({ store })
    expect(verified.problems).to.deep.equal([])
    expect(
      existsSync(path.join(store, 'ingest')) ? readdirSync(path.join(store, 'ingest')) : [],
    ).to.deep.equal([])
  }

  it('is saved by its format or its ending, always the same bytes, and installed', async () => {
    await save({ names: [layout], path: at('one.zip') })
    const { files } = await save({ names: [layout], path: folder, format: 'zip' })
    expect(files.map((file) => path.basename(file.path))).to.deep.equal(['base-1-0.zip'])
    expect(readFileSync(at('one.zip')).equals(readFileSync(at('base-1-0.zip')))).to.equal(true)
    expect(filesIn(folder)['one.zip']).to.equal(`sha256:${files[0]?.sha256}`)
    await installsWhole(at('one.zip'))
  })

  it('says before what it would write, to the byte, and writes nothing', async () => {
    const planned = await save({ names: [layout], path: at('one.zip'), whatIf: true })
    expect(readdirSync(folder)).to.deep.equal([])
    const written = await save({ names: [layout], path: at('one.zip') })
    expect(planned.files[0]?.size).to.equal(written.files[0]?.size)
  })

  it('is not written over another file, and over it with force', async () => {
    writeFileSync(at('one.zip'), 'mine')
    await failure(save({ names: [layout], path: at('one.zip') }), 'FILE_EXISTS')
    expect(readFileSync(at('one.zip'), 'utf8')).to.equal('mine')
    await save({ names: [layout], path: at('one.zip'), force: true })
    expect((await verify({ paths: [at('one.zip')] })).problems).to.deep.equal([])
    expect(readdirSync(folder)).to.deep.equal(['one.zip'])
  })

  it('is gone on with where the save was stopped, and nothing is left besides', async () => {
    const stop = new AbortController()
    const onProgress = ({ type }: { type: string }): void => void (type === 'bytes' && stop.abort())
    await failure(
      save({ names: [layout], path: at('x.zip'), signal: stop.signal, onProgress }),
      'INTERRUPTED',
    )
    expect(readdirSync(folder).filter((name) => name !== 'x.zip.part')).to.deep.equal([])
    await save({ names: [layout], path: at('x.zip') })
    expect(readdirSync(folder)).to.deep.equal(['x.zip'])
    expect((await verify({ paths: [at('x.zip')] })).problems).to.deep.equal([])
  })

  it('is not cut into volumes', async () => {
    await failure(save({ names: [layout], path: at('x.zip'), volumeSize: 1_000_000 }), 'USAGE')
  })

  it('is found in a folder, and its history is told', async () => {
    await save({ names: [layout], path: at('one.zip') })
    const { images } = await find({ source: folder, names: [] })
    expect(images.map(({ name, version }) => [name, version])).to.deep.equal([['base', '1.0']])
    expect((await history({ name: at('one.zip') })).length).to.be.greaterThan(0)
  })

  it('is verified to its last byte, and the member that is damaged is named', async () => {
    await save({ names: [layout], path: at('one.zip') })
    const whole = readFileSync(at('one.zip'))
    for (const name of [
      'manifest.json',
      'index.json',
      ...blobsIn(layout).map((d) => d.replace(/^(.*):/, 'blobs/$1/')),
    ]) {
      const bad = Buffer.from(whole)
      // The last time but one that it is named is the member's own header; the last is the directory.
      const byte = bad.lastIndexOf(name, bad.lastIndexOf(name) - 1) + name.length + 1
      bad[byte] = (bad[byte] ?? 0) ^ 1
      writeFileSync(at('bad.zip'), bad)
      const { ok, problems } = await verify({ paths: [at('bad.zip')] })
      expect(ok, name).to.equal(false)
      expect(problems.map((problem) => JSON.stringify(problem)).join('\n')).to.include(name)
    }
  })

  it('may hold one archive: a tar of ours is read where it lies, others are unpacked', async () => {
    await save({ names: [layout], path: at('one.tar') })
    const tar = readFileSync(at('one.tar'))
    writeFileSync(
      at('stored.zip'),
      zipOf([
        { name: 'usb/', mode: 0o40755 },
        { name: 'usb/one.tar', bytes: tar },
      ]),
    )
    writeFileSync(at('deflated.zip'), zipOf([{ name: 'one.tar', bytes: tar, deflate: true }]))
    writeFileSync(at('gzip.zip'), zipOf([{ name: 'one.tar.gz', bytes: gzipSync(tar) }]))
    for (const name of ['stored.zip', 'deflated.zip', 'gzip.zip']) {
      store = at(`store of ${name}`)
      await installsWhole(at(name))
      expect((await verify({ paths: [at(name)], store })).problems).to.deep.equal([])
    }
  })

  it('may hold a WIM or a root filesystem', async () => {
    await makeWim(at('nano.wim'), { size: 5_000_000 })
    const wim = readFileSync(at('nano.wim'))
    writeFileSync(at('wim.zip'), zipOf([{ name: 'nano.wim', bytes: wim, deflate: true }]))
    expect(await inspect({ names: [at('wim.zip')], store })).to.deep.equal(
      (await inspect({ names: [at('nano.wim')], store })).map((one) => ({ ...one })),
    )
    expect((await verify({ paths: [at('wim.zip')], store })).problems).to.deep.equal([])
    await damageWim(at('nano.wim'))
    writeFileSync(at('bad.zip'), zipOf([{ name: 'nano.wim', bytes: readFileSync(at('nano.wim')) }]))
    const { problems } = await verify({ paths: [at('bad.zip')], store })
    expect(problems.length).to.be.greaterThan(0)
    expect(JSON.stringify(problems)).to.not.include('unpacked-')
    const rootfs = tarOf({ 'etc/os-release': 'ID=base\nVERSION_ID=1.2\n', 'bin/sh': 100 })
    writeFileSync(at('rootfs.zip'), zipOf([{ name: 'rootfs.tar', bytes: rootfs }]))
    const { images } = await install({ targets: [at('rootfs.zip')], platform: 'linux/amd64', store })
    expect(images.map(({ name, version }) => [name, version])).to.deep.equal([['base', '1.2']])
    const installed = await install({ targets: [at('wim.zip')], skipUnsupported: true, store })
    expect(installed.images[0]?.tags).to.include('nanoserver:10.0.14300.1010')
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
    const nameless = zipOf([{ name: 'rootfs.tar', bytes: tarOf({ 'bin/sh': 100 }) }])
    writeFileSync(at('nameless.zip'), nameless)
    const error = await failure(install({ targets: [at('nameless.zip')], store }), 'ARCHIVE_UNKNOWN')
    expect(error.message).to.match(/nameless\.zip: rootfs\.tar/)
  })

  it('may hold a whole media, whose list is compared', async () => {
    await save({ names: [layout], path: folder, format: 'media' })
    const members = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => ({
        name: path.relative(folder, file).replaceAll(path.sep, '/'),
        bytes: readFileSync(file),
      }))
    const media = temporary.folder()
    const zip = path.join(media, 'usb.zip')
    writeFileSync(zip, zipOf(members.map((member) => ({ ...member, name: `usb/${member.name}` }))))
    await installsWhole(zip)
    expect((await verify({ paths: [zip], store })).problems).to.deep.equal([])
    const changed = members.map((m) => (m.name === 'index.html' ? { ...m, bytes: Buffer.from('other') } : m))
    writeFileSync(zip, zipOf([...changed, { name: 'ingest/', mode: 0o40755 }]))
    const { problems } = await verify({ paths: [zip], store })
    expect(problems.map(({ code, path: file }) => [code, file])).to.deep.equal([
      ['FILE_CHANGED', 'index.html'],
    ])
  })

  describeWithPeers(['7zz', 'unzip', 'python3', 'skopeo'], 'beside its peers', () => {
    it('is read by them, and what they unpack is a layout', async () => {
      await save({ names: [layout], path: at('one.zip') })
      expect(runPeer('7zz', ['t', at('one.zip')])).to.include('Everything is Ok')
      expect(runPeer('unzip', ['-t', at('one.zip')])).to.include('No errors')
      runPeer('python3', ['-m', 'zipfile', '-t', at('one.zip')])
      runPeer('unzip', ['-q', at('one.zip'), '-d', at('out')])
      expect(runPeer('skopeo', ['inspect', `oci:${at('out')}:base:1.0`])).to.include('Layers')
    })
  })

  describeWithPeers(['7zz', 'zip', 'python3'], 'made by its peers', () => {
    const python = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    for folder, _, names in os.walk('.'):
        for name in names:
            source = os.path.join(folder, name)
            with open(source, 'rb') as data, z.open(os.path.relpath(source), 'w', force_zip64=True) as out:
                out.write(data.read())
`
    const makers: Record<string, (file: string) => void> = {
      'zip, stored': (file) => execFileSync('zip', ['-q0r', file, '.'], { cwd: layout }),
      'zip, deflated, in its folder': (file) =>
        execFileSync('zip', ['-q1r', file, path.basename(layout)], { cwd: path.dirname(layout) }),
      'zip into a pipe': (file) =>
        writeFileSync(file, execFileSync('zip', ['-q1r', '-', '.'], { cwd: layout, maxBuffer: 1 << 28 })),
      '7zz, stored': (file) => execFileSync('7zz', ['a', '-tzip', '-mx0', file, '.'], { cwd: layout }),
      '7zz, deflated': (file) => execFileSync('7zz', ['a', '-tzip', '-mx1', file, '.'], { cwd: layout }),
      'python, deflated and zip64': (file) => execFileSync('python3', ['-c', python, file], { cwd: layout }),
    }
    for (const [how, make] of Object.entries(makers))
      it(`is installed whole: ${how}`, async () => {
        make(at('theirs.zip'))
        await installsWhole(at('theirs.zip'))
        expect((await verify({ paths: [at('theirs.zip')], store })).problems).to.deep.equal([])
      })

    it('is refused with a password', async () => {
      execFileSync('zip', ['-q0r', '-P', 'secret', at('locked.zip'), '.'], { cwd: layout })
      const error = await failure(install({ targets: [at('locked.zip')], store }), 'ARCHIVE_INVALID')
      expect(error.message).to.match(/locked\.zip holds .* encrypted/)
    })

    it('is refused with a link', async () => {
      mkdirSync(at('linked'))
      cpSync(layout, at('linked'), { recursive: true })
      execFileSync('ln', ['-s', '/etc/passwd', at('linked/manifest.json')])
      execFileSync('zip', ['-qry', at('linked.zip'), '.'], { cwd: at('linked') })
      await failure(install({ targets: [at('linked.zip')], store }), 'UNSAFE_NAME')
    })
  })
})
