import { utimesSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  databaseAdd,
  type VulnerabilitiesRequest,
  type VulnerabilitiesResult,
  vulnerabilities,
} from '../../../../provider/index.js'
import { scratch } from '../../../scratch.js'
import { writeFiles } from '../../inside/database/made-files.js'
import { exitCode, failure } from '../failure.js'
import { madeDebian, TRACKER } from './made-image.js'

const DAY_MS = 24 * 3600 * 1000

describe('the vulnerabilities of an image', () => {
  const { folder, remove } = scratch()
  let where: string
  let database: string
  let data: string | undefined

  beforeEach(async () => {
    where = folder()
    database = path.join(where, 'advisories.db')
    data = process.env.XDG_DATA_HOME
    process.env.XDG_DATA_HOME = path.join(where, 'data')
    madeDebian(where)
    await writeFiles(where, { 'tracker.json': TRACKER })
    await databaseAdd({ database, paths: [path.join(where, 'tracker.json')] })
  })
  afterEach(() => {
    if (data === undefined) delete process.env.XDG_DATA_HOME
    else process.env.XDG_DATA_HOME = data
  })
  after(remove)

  const of = (more: Partial<VulnerabilitiesRequest> = {}) =>
    vulnerabilities({ name: path.join(where, 'layout'), store: path.join(where, 'store'), database, ...more })
  const inWords = ({ vulnerabilities: found }: VulnerabilitiesResult) =>
    found.map((one) => `${one.id} ${one.severity} ${one.package} ${one.fixedIn ?? '-'} ${one.layer}`)

  it('are those of its packages, with what repairs them, and of which release it is', async () => {
    const result = await of()
    expect(inWords(result)).to.deep.equal([
      'CVE-2026-1001 high libssl3 3.0.13-1~deb12u1 2',
      'CVE-2026-1001 high openssl 3.0.13-1~deb12u1 2',
      'CVE-2026-1002 low libssl3 - 2',
      'CVE-2026-1002 low openssl - 2',
      'CVE-2026-1004 negligible zlib1g - 2',
    ])
    expect(result.vulnerabilities[0]).to.deep.include({
      kind: 'deb',
      version: '3.0.11-1~deb12u1',
      summary: 'Something bad',
      file: '/var/lib/dpkg/status',
      sources: ['Debian security tracker'],
    })
    expect(result).to.deep.include({ packages: 3, unknown: [], hidden: 0, ignored: [] })
    expect(result.counts).to.deep.equal({
      unknown: 0,
      negligible: 1,
      low: 2,
      medium: 0,
      high: 2,
      critical: 0,
    })
    expect(result.distribution).to.include({ id: 'debian', version: '12' })
    expect(result.endOfLife).to.include({ end: '2026-07-11' })
    expect(result.database).to.include({ isOld: false, ageDays: 0 })
  })

  it('are fewer where only some are wanted, and how many were left out is told', async () => {
    const severe = await of({ severity: 'medium' })
    expect([severe.vulnerabilities.length, severe.hidden]).to.deep.equal([2, 3])
    const fixed = await of({ fixed: true })
    expect([fixed.vulnerabilities.length, fixed.hidden]).to.deep.equal([2, 3])
  })

  it('let a run fail from a severity on, with the whole result', async () => {
    const error = await failure(of({ failOn: 'high' }), 'VULNERABLE')
    expect(exitCode(error)).to.equal(4)
    expect((error.done as VulnerabilitiesResult).vulnerabilities).to.have.lengthOf(5)
    await of({ failOn: 'critical' })
    await failure(of({ failOn: 'low', fixed: true }), 'VULNERABLE')
  })

  it('do not count where a file says that they do no harm', async () => {
    await writeFiles(where, { 'ignore.txt': 'CVE-2026-1001 # no TLS here\nCVE-2026-1002 exp:2020-01-01\n' })
    const notes: string[] = []
    const ignore = [path.join(where, 'ignore.txt')]
    const result = await of({
      ignore,
      failOn: 'medium',
      onProgress: (event) => {
        if (event.type === 'note') notes.push(event.message)
      },
    })
    expect(result.ignored.map(({ id, package: name, reason }) => [id, name, reason])).to.deep.equal([
      ['CVE-2026-1001', 'libssl3', 'no TLS here'],
      ['CVE-2026-1001', 'openssl', 'no TLS here'],
    ])
    expect(result.vulnerabilities).to.have.lengthOf(3)
    expect(notes.join()).to.match(/CVE-2026-1002 was to be ignored until 2020-01-01, and no longer is/)
    await failure(of({ ignore: [path.join(where, 'none')] }), 'PATH_NOT_FOUND')
  })

  it('are never none where the database has nothing of the release: that is told, and no gate opens', async () => {
    const other = folder()
    const name = madeDebian(other, '14')
    const result = await of({ name })
    expect(result).to.deep.include({ vulnerabilities: [], packages: 0 })
    expect(result.unknown).to.deep.equal([{ ecosystem: 'Debian:14', packages: 3 }])
    const error = await failure(of({ name, failOn: 'critical' }), 'DATABASE_MISSING')
    expect(error.message).to.match(/nothing of Debian:14/)
  })

  it('say when they come from an old database', async () => {
    const tracker = path.join(where, 'tracker.json')
    const time = new Date(Date.now() - 45 * DAY_MS)
    utimesSync(tracker, time, time)
    await databaseAdd({ database, paths: [tracker] })
    const notes: string[] = []
    const result = await of({
      onProgress: (event) => {
        if (event.type === 'note') notes.push(event.message)
      },
    })
    expect(result.database).to.include({ isOld: true, ageDays: 45 })
    expect(notes.join()).to.match(/45 days old/)
  })

  it('need a database', async () => {
    await failure(of({ database: path.join(where, 'none.db') }), 'DATABASE_MISSING')
    await failure(of({ database: path.join(where, 'tracker.json') }), 'DATABASE_INVALID')
    await failure(of({ database: '' }), 'USAGE')
  })
})
