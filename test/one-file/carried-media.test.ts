import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type SaveResult, save, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { type Carried, succeedAlone } from './one-file.js'

describe('a media that carries the tool', () => {
  const temporary = scratch()
  let folder: string
  let layout: string
  let stick: string
  let carried: Carried

  beforeEach(() => {
    folder = temporary.folder()
    layout = path.join(folder, 'layout')
    stick = path.join(folder, 'stick')
    makeLayout(layout, [
      { refName: 'debian:12.5', layers: [{ files: { file: 600_000, 'etc/name': 'debian' } }] },
    ])
    mkdirSync(stick)
    carried = {
      program: 'containerimage.mjs',
      store: path.join(folder, 'store'),
      settings: path.join(folder, 'settings'),
      work: stick,
    }
  })
  afterEach(() => temporary.remove())

  async function onStick(): Promise<SaveResult> {
    return await save({ names: [layout], path: stick, format: 'media', withTool: true })
  }

  it('needs nothing but Node for all of it: verify, find, install, get, uninstall', async () => {
    await onStick()
    const before = filesIn(stick)
    expect(succeedAlone(carried, 'verify', '.')).to.contain('all is well')
    expect(succeedAlone(carried, 'find', '--source', '.')).to.contain('debian')
    expect(succeedAlone(carried, 'install', '.')).to.contain('tagged debian:12.5, debian:latest')
    expect(JSON.parse(succeedAlone(carried, 'get', '--json'))).to.have.length(2)
    expect(succeedAlone(carried, 'verify')).to.contain('all is well')
    succeedAlone(carried, 'uninstall', 'debian', '--force')
    expect(JSON.parse(succeedAlone(carried, 'get', '--json'))).to.deep.equal([])
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('is a source by the bare name of its folder', async () => {
    await onStick()
    const beside = { ...carried, program: path.join(stick, 'containerimage.mjs'), work: folder }
    expect(succeedAlone(beside, 'find', '--source', 'stick')).to.contain('12.5')
  })

  it('says so on its page, and lists what starts it', async () => {
    await onStick()
    const page = readFileSync(path.join(stick, 'index.html'), 'utf8')
    expect(page).to.contain('node containerimage.mjs install .')
    for (const name of [
      'containerimage.mjs',
      'containerimage-licenses.txt',
      'containerimage.sh',
      'containerimage.cmd',
    ])
      expect(page).to.contain(`<td data-head="File"><code>${name}</code></td>`)
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
  })

  it('keeps it when more is saved, and is the same after the same save', async () => {
    await onStick()
    const before = filesIn(stick)
    await save({ names: [layout], path: stick })
    expect(filesIn(stick)).to.deep.equal(before)
    await onStick()
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('carries archives of Node by their own names, and refuses what is none', async () => {
    const node = path.join(folder, 'node-v20.19.5-linux-x64.tar.xz')
    writeFileSync(node, 'stands for an archive')
    await save({ names: [layout], path: stick, format: 'media', withNode: [node] })
    expect(readFileSync(path.join(stick, path.basename(node)), 'utf8')).to.equal('stands for an archive')
    expect(readFileSync(path.join(stick, 'containerimage.sh'), 'utf8')).to.contain('node-v20.19.5-linux-x64')
    await save({ names: [layout], path: stick, withTool: true })
    expect(readFileSync(path.join(stick, 'containerimage.sh'), 'utf8')).to.contain('node-v20.19.5-linux-x64')
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    const other = path.join(folder, 'node.txt')
    writeFileSync(other, 'x')
    const empty = path.join(folder, 'empty')
    mkdirSync(empty)
    const asked = { names: [layout], path: empty, format: 'media' as const }
    await failure(save({ ...asked, withNode: [other] }), 'NODE_ARCHIVE_UNKNOWN')
    await failure(save({ ...asked, withNode: [path.join(empty, path.basename(node))] }), 'PATH_NOT_FOUND')
    expect(readdirSync(empty)).to.deep.equal([])
  })

  it('is started by its script, where Node is on the PATH', async function () {
    if (process.platform === 'win32') this.skip()
    await onStick()
    const { status, stdout } = spawnSync('sh', [path.join(stick, 'containerimage.sh'), '--version'], {
      encoding: 'utf8',
    })
    expect(status).to.equal(0)
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/)
  })

  it('makes and repairs volumes, and writes and installs WIMs, from the one file alone', async () => {
    await onStick()
    const volumes = path.join(folder, 'volumes')
    mkdirSync(volumes)
    makeLayout(layout, [{ refName: 'big:1.0', layers: [{ files: { big: 5_000_000 }, compression: 'none' }] }])
    await save({ names: ['big'], source: layout, path: stick })
    const sizes = ['--volume-size', '2m', '--recovery', '60%']
    succeedAlone(carried, 'save', 'big', '--source', '.', '--path', volumes, ...sizes)
    const [first = ''] = readdirSync(volumes)
      .filter((name) => name.endsWith('.tar'))
      .sort()
    rmSync(path.join(volumes, first))
    expect(succeedAlone(carried, 'install', volumes)).to.contain('tagged big:1.0')
    succeedAlone(carried, 'save', 'debian', '--source', '.', '--format', 'wim', '--path', volumes)
    succeedAlone(carried, 'verify', path.join(volumes, 'debian-12-5.wim'))
    expect(succeedAlone(carried, 'install', path.join(volumes, 'debian-12-5.wim'))).to.contain(
      'tagged debian:12.5',
    )
  })

  it('cannot be asked for beside a single file', async () => {
    await failure(save({ names: [layout], path: path.join(stick, 'x.tar'), withTool: true }), 'USAGE')
  })
})
