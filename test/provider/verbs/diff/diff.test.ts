import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type DiffRequest, databaseAdd, diff, install, save } from '../../../../provider/index.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { type TarMember, tar } from '../../../fixtures/tar.js'
import { scratch } from '../../../scratch.js'
import { writeFiles } from '../../inside/database/made-files.js'
import { failure } from '../failure.js'
import { TRACKER } from '../vulnerabilities/made-image.js'

const BELOW: TarMember[] = [
  { name: 'etc/', type: '5', mode: 0o755 },
  { name: 'etc/same', bytes: 'same' },
  { name: 'etc/bytes', bytes: 'one' },
  { name: 'etc/time', bytes: 'time', mtime: 1 },
  { name: 'etc/mode', bytes: 'mode' },
  { name: 'etc/gone', bytes: 'gone' },
  { name: 'link', type: '2', target: 'a' },
  { name: 'was', bytes: 'a file' },
]
const ABOVE: TarMember[] = [
  { name: 'etc/bytes', bytes: 'two' },
  { name: 'etc/time', bytes: 'time', mtime: 2 },
  { name: 'etc/mode', bytes: 'mode', mode: 0o600, uid: 7 },
  { name: 'etc/.wh.gone' },
  { name: 'etc/new', bytes: 'new' },
  { name: 'link', type: '2', target: 'b' },
  { name: 'was/', type: '5', mode: 0o755 },
]

describe('diff', () => {
  const { folder, remove } = scratch()
  let store: string
  let layout: string

  beforeEach(async () => {
    store = path.join(folder(), 'store')
    layout = path.join(folder(), 'layout')
    const layer = { tar: tar(...BELOW) }
    const run = { Env: ['A=1', 'B=2'], Cmd: ['a'], Labels: { l: '1' }, ExposedPorts: { '80/tcp': {} } }
    addLayered(layout, { name: 'box', version: '1', layers: [layer], config: { config: run } })
    addLayered(layout, {
      name: 'box',
      version: '2',
      layers: [layer, { tar: tar(...ABOVE), form: 'gzip' }],
      config: { config: { ...run, Env: ['A=3', 'C='], Cmd: ['b'], User: 'u', ExposedPorts: {} } },
    })
    await install({ targets: [layout], store })
  })

  afterEach(remove)

  const compared = (more: Partial<DiffRequest> = {}) =>
    diff({ first: 'box:1', second: 'box:2', store, ...more })

  it('lists files by what differs in them, and the bytes decide where the size is the same', async () => {
    const { files, same } = await compared()
    expect(same).to.equal(false)
    expect(files?.map(({ path: name, change, what }) => [name, change, what.join()].join(' '))).to.deep.equal(
      [
        '/etc/bytes changed content',
        '/etc/gone removed ',
        '/etc/mode changed mode,owner',
        '/etc/new added ',
        '/link changed target',
        '/was changed kind',
      ],
    )
    expect(files?.find(({ path: name }) => name === '/etc/mode')).to.deep.nested.include({
      'first.mode': '0644',
      'second.mode': '0600',
      'second.uid': 7,
    })
  })

  it('takes other times for a difference only where that is asked for', async () => {
    const { files } = await compared({ times: true, only: ['files'] })
    expect(files?.find(({ path: name }) => name === '/etc/time')?.what).to.deep.equal(['time'])
  })

  it('lists settings, each variable, label and port by itself', async () => {
    const { config } = await compared({ only: ['config'] })
    expect(config).to.deep.equal([
      { setting: 'env', name: 'A', first: '1', second: '3' },
      { setting: 'env', name: 'B', first: '2' },
      { setting: 'env', name: 'C', second: '' },
      { setting: 'cmd', first: '["a"]', second: '["b"]' },
      { setting: 'user', second: 'u' },
      { setting: 'ports', name: '80/tcp', first: '' },
    ])
  })

  it('lists packages with the versions of both', async () => {
    const status = (version: string): TarMember => ({
      name: 'var/lib/dpkg/status',
      bytes: `Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`,
    })
    for (const version of ['12.4', '12.5'])
      addLayered(layout, { name: 'deb', version, layers: [{ tar: tar(status(version)) }] })
    await install({ targets: [layout], store })
    const { packages, same } = await compared({ first: 'deb:12.4', second: 'deb:12.5', only: ['packages'] })
    expect(packages).to.deep.equal([{ kind: 'deb', name: 'base-files', first: ['12.4'], second: ['12.5'] }])
    expect(same).to.equal(false)
  })

  it('lists the vulnerabilities that are gone and have come, where there is a database', async () => {
    const where = folder()
    const database = path.join(where, 'advisories.db')
    await writeFiles(where, { 'tracker.json': TRACKER })
    await databaseAdd({ database, paths: [path.join(where, 'tracker.json')] })
    const release = {
      name: 'etc/os-release',
      bytes: 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    }
    const status = (version: string): TarMember => ({
      name: 'var/lib/dpkg/status',
      bytes: `Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`,
    })
    for (const [name, version] of [
      ['1', '3.0.11-1~deb12u1'],
      ['2', '3.0.13-1~deb12u1'],
    ] as const)
      addLayered(layout, { name: 'deb', version: name, layers: [{ tar: tar(release, status(version)) }] })
    await install({ targets: [layout], store })
    const asked = { first: 'deb:1', second: 'deb:2', database }
    const { vulnerabilities } = await compared(asked)
    expect(vulnerabilities).to.deep.equal([
      {
        ...{ id: 'CVE-2026-1001', change: 'gone', severity: 'high', kind: 'deb', package: 'openssl' },
        ...{ version: '3.0.11-1~deb12u1', fixedIn: '3.0.13-1~deb12u1' },
      },
    ])
    const back = await compared({ ...asked, first: 'deb:2', second: 'deb:1', only: ['vulnerabilities'] })
    expect(back.vulnerabilities?.map(({ change }) => change)).to.deep.equal(['come'])
    const unknown = {
      name: 'etc/os-release',
      bytes: 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
    }
    addLayered(layout, {
      name: 'deb',
      version: '3',
      layers: [{ tar: tar(unknown, status('3.0.11-1~deb12u1')) }],
    })
    await install({ targets: [layout], store })
    const notes: string[] = []
    await compared({
      ...asked,
      second: 'deb:3',
      onProgress: (event) => event.type === 'note' && notes.push(event.message),
    })
    expect(
      notes.filter((note) => note.includes('Debian:13')).join(),
      'what looks gone is not known',
    ).to.match(/deb.*3.*the database says nothing of some packages \(1 of/)
    const none = path.join(where, 'none.db')
    await failure(compared({ ...asked, database: none, only: ['vulnerabilities'] }), 'DATABASE_MISSING')
  })

  it('says which layers both have, and reads no file for that', async () => {
    const result = await compared({ only: ['layers'] })
    expect(result.layers?.shared).to.have.length(1)
    expect(result.layers?.first).to.deep.equal([])
    expect(result.layers?.second).to.have.length(1)
    expect(result).not.to.have.any.keys('files', 'config', 'packages')
  })

  it('reads nothing of one image under two names', async () => {
    const result = await compared({ second: layout, secondSource: undefined, first: 'box:1' }).catch((e) => e)
    expect(result.code).to.equal('USAGE')
    const archive = path.join(folder(), 'box.tar')
    await save({ names: ['box:1'], source: 'store:', path: archive, store })
    const events: string[] = []
    const found = await compared({ second: archive, onProgress: ({ type }) => events.push(type) })
    expect(found).to.deep.include({ identical: true, same: true })
    expect(found).not.to.have.any.keys('files', 'config', 'layers', 'packages')
    expect(events).not.to.include('bytes')
  })

  it('compares what is installed with what an archive holds, and finds the same files in other layers', async () => {
    const other = path.join(folder(), 'other')
    const image = { name: 'box', version: '3', layers: [{ tar: tar(...BELOW.toReversed()) }] }
    addLayered(other, { ...image, config: { config: { Env: ['A=1'] } } })
    const archive = path.join(folder(), 'box.tar')
    await save({ names: [other], path: archive })
    const { files, layers } = await compared({ second: archive })
    expect(layers?.shared).to.deep.equal([])
    expect(files).to.deep.equal([])
    expect(readdirSync(store)).not.to.include('images')
  })
})
