import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { VERSION } from '../../manifests/program.js'
import { type MadeImage, makeLayout, tarOf } from '../fixtures/layout.js'
import { peer } from '../peers/peers.js'
import { wimlib } from '../provider/formats/wim/wimlib.js'
import { scratch } from '../scratch.js'
import { type Carried, carry, runAlone, succeedAlone } from './one-file.js'

/** Larger than what is hashed without a thread. */
const LARGE = 9_000_000

describe('the one file', () => {
  const { folder, remove } = scratch()
  let place = ''
  let carried: Carried

  before(() => {
    place = folder()
    carried = carry(place)
    const archives = path.join(carried.work, 'archives')
    mkdirSync(archives)
    const base: MadeImage = {
      refName: 'base:1.0',
      layers: [
        { files: { 'etc/os-release': 'ID=base\n', 'usr/share/large': LARGE }, compression: 'none' },
        { files: { 'bin/sh': 40_000 } },
      ],
    }
    ociArchive(path.join(archives, 'base-1-0.tar'), base)
    ociArchive(path.join(archives, 'base-1-1.tar'), { ...base, refName: 'base:1.1' })
  })
  after(remove)

  /** An OCI layout as one tar. */
  function ociArchive(file: string, image: MadeImage): void {
    const layout = path.join(place, `layout of ${path.basename(file)}`)
    makeLayout(layout, [image])
    const names = readdirSync(layout, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    const files = names.map((one) => {
      const full = path.join(one.parentPath, one.name)
      return [path.relative(layout, full).split(path.sep).join('/'), readFileSync(full)] as const
    })
    writeFileSync(file, tarOf(Object.fromEntries(files)))
  }

  const json = (...args: string[]) => JSON.parse(succeedAlone(carried, ...args, '--json'))

  it('says its version', () => {
    expect(succeedAlone(carried, '--version')).to.equal(`${VERSION}\n`)
  })

  it('gives the same help as the program of many files', () => {
    const many = path.resolve('dist/cli/containerimage.js')
    for (const args of [['--help'], ['install', '--help'], ['source', '--help'], ['help', 'save']])
      expect(succeedAlone(carried, ...args)).to.equal(
        execFileSync(process.execPath, [many, ...args], { encoding: 'utf8' }),
      )
  })

  it('refuses what it does not understand as the program of many files does', () => {
    const many = path.resolve('dist/cli/containerimage.js')
    for (const args of [
      ['fnid'],
      ['install'],
      ['save', 'x'],
      ['get', '--nothing'],
      ['find', '-S', '1', '--json'],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [many, ...args], { encoding: 'utf8' })
      expect(runAlone(carried, args)).to.deep.equal({ status, stdout, stderr })
      expect(status).to.equal(2)
    }
  })

  it('finds what is in a folder', () => {
    const found = json('find', '--source', './archives', '--all-versions')
    expect(found.map(({ name, version }: Record<string, string>) => `${name} ${version}`)).to.deep.equal([
      'base 1.1',
      'base 1.0',
    ])
  })

  it('does the main job on a host without a network', () => {
    const installed = json('install', './archives/base-1-0.tar')
    expect(installed.images[0].tags).to.deep.equal(['base:1.0', 'base:latest'])
    expect(json('Install-ContainerImage', '-Name', './archives/base-1-1.tar').images).to.have.length(1)
    expect(json('verify')).to.include({ ok: true })
    expect(json('get', 'base').map((row: { tag: string }) => row.tag)).to.have.members([
      '1.0',
      '1.1',
      'latest',
    ])
    expect(json('history', 'base:1.0')).to.have.length(2)
    expect(json('inspect', 'base:1.0')).to.be.an('array')
    const saved = json(
      'save',
      'base:1.0',
      '--source',
      '../store',
      '--path',
      './saved.tar',
      '--format',
      'docker-archive',
    )
    expect(saved.files[0].size).to.be.greaterThan(LARGE)
    expect(json('tag', 'base:1.0', 'other:1.0')).to.be.an('object')
    expect(json('Uninstall-ContainerImage', '-FullName', installed.images[0].fullName).freedBytes).to.be.a(
      'number',
    )
    expect(json('prune')).to.be.an('object')
    expect(json('verify')).to.include({ ok: true })
  })

  it('installs a docker archive that is compressed with xz', function () {
    if (!has('xz')) this.skip()
    succeedAlone(carried, 'install', './archives/base-1-1.tar')
    succeedAlone(
      carried,
      'save',
      'base:1.1',
      '--source',
      '../store',
      '--path',
      './docker.tar',
      '--format',
      'docker-archive',
    )
    execFileSync('xz', ['-1', 'docker.tar'], { cwd: carried.work })
    expect(json('install', './docker.tar.xz', '--force').images[0].version).to.equal('1.1')
  })

  it('installs an archive that is compressed with zstd, without the native package', function () {
    if (!has('zstd')) this.skip()
    execFileSync('zstd', ['-q', 'archives/base-1-0.tar', '-o', 'base.tar.zst'], { cwd: carried.work })
    expect(json('install', './base.tar.zst').images[0].version).to.equal('1.0')
  })

  it('makes a layer of a WIM and compresses it, with threads that have no files of their own', function () {
    if (peer('wimlib-imagex') === undefined) this.skip()
    const tree = path.join(place, 'tree')
    mkdirSync(tree)
    writeFileSync(path.join(tree, 'text'), 'words and words and more words\n'.repeat(100_000))
    wimlib('capture', tree, path.join(carried.work, 'small.wim'), 'Small', '--compress=LZX')
    const args = ['-WimPath', './small.wim', '-RequiredVersion', '1.2', '-Compress', 'gzip']
    const [image] = json('Install-ContainerOSImage', ...args, '-Force').images
    expect(image).to.include({ name: 'Small', version: '1.2' })
    expect(image.size).to.be.lessThan(1_000_000)
    expect(json('verify', './small.wim')).to.include({ ok: true })
  })

  it('asks a registry, directly or by a proxy', () => {
    const refused = 'cannot be reached: it refuses the connection.'
    const direct = runAlone(carried, ['pull', '127.0.0.1:1/base:1.0'])
    expect(direct.status).to.equal(7)
    expect(direct.stderr).to.contain(`127.0.0.1:1 ${refused}`)
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1' }
    const { status, stderr } = runAlone(carried, ['pull', 'registry.test/base:1.0'], env)
    expect(status).to.equal(7)
    expect(stderr).to.contain(`registry.test (through the proxy 127.0.0.1:1) ${refused}`)
  })

  it('works where the locale is C', () => {
    const { status, stdout } = runAlone(carried, ['get', '--help'], { LANG: 'C', LC_ALL: 'C' })
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: succeedAlone(carried, 'get', '--help') })
  })

  it('keeps settings', () => {
    succeedAlone(carried, 'source', 'add', 'stick', './archives')
    expect(json('source', 'list')).to.deep.include({
      name: 'stick',
      location: path.join(carried.work, 'archives'),
      type: 'folder',
    })
    expect(readdirSync(carried.settings)).to.deep.equal(['settings.json'])
  })

  it('writes nothing but its store, its settings and what it was told to', () => {
    const home = path.join(place, 'home')
    mkdirSync(home)
    const env = { HOME: home, USERPROFILE: home, TMPDIR: home, TEMP: home, TMP: home }
    for (const args of [
      ['install', './archives/base-1-0.tar'],
      ['verify'],
      ['save', 'base:1.0', '--path', './again.tar'],
    ])
      expect(runAlone(carried, args, env).status).to.equal(0)
    expect(readdirSync(home)).to.deep.equal([])
    expect(readdirSync(path.dirname(carried.program))).to.deep.equal(['containerimage.mjs'])
  })

  it('loads nothing that lies beside it', () => {
    const beside = path.join(path.dirname(carried.program), 'node_modules')
    for (const name of ['yargs', 'conf', 'ora', 'undici', 'fzstd', '@cloudpss/zstd']) {
      mkdirSync(path.join(beside, name), { recursive: true })
      writeFileSync(path.join(beside, name, 'package.json'), '{"exports":{".":"./x.js","./*":"./x.js"}}')
      writeFileSync(path.join(beside, name, 'x.js'), "console.log('loaded'); process.exit(99)")
    }
    expect(runAlone(carried, ['source', 'list']).status).to.equal(0)
    expect(runAlone(carried, ['pull', '127.0.0.1:1/debian:12']).status).to.equal(7)
    rmSync(beside, { recursive: true })
  })
})

function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0
}
