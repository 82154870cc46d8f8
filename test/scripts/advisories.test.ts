import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'chai'
import { databaseAdd } from '../../provider/index.js'
import { ownPackages } from '../../scripts/own-packages.js'
import { from, record } from '../provider/inside/database/made-database.js'
import { writeFiles } from '../provider/inside/database/made-files.js'
import { scratch } from '../scratch.js'

describe('the advisory check over the lock file', function () {
  this.timeout(60_000)
  const temporary = scratch()
  afterEach(() => temporary.remove())

  const versionOf = (wanted: string): string =>
    ownPackages().find(({ name }) => name === wanted)?.version ?? ''

  /** A database of records as `database add` makes it. */
  async function carried(...records: object[]): Promise<string> {
    const folder = temporary.folder()
    const database = path.join(folder, 'advisories.db')
    await writeFiles(folder, { 'osv.json': records })
    await databaseAdd({ paths: [path.join(folder, 'osv.json')], database })
    return database
  }

  function check(file: string): { status: number | null; lines: string[]; err: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/scripts/advisories.js', file], {
      encoding: 'utf8',
    })
    return { status, lines: stdout.trimEnd().split('\n'), err: stderr }
  }

  it('names what hits a version that is locked, also of a package for development, and nothing else', async () => {
    const database = await carried(
      record('GHSA-hits', 'npm', 'undici', { ranges: [from('0', '999.0.0')] }),
      record('GHSA-hits-too', 'npm', 'mocha', { versions: [versionOf('mocha')] }),
      record('GHSA-repaired', 'npm', 'undici', { ranges: [from('0', versionOf('undici'))] }),
      record('GHSA-elsewhere', 'PyPI', 'undici', { ranges: [from('0')] }),
      record('GHSA-not-here', 'npm', 'a-package-that-nobody-needs-here', { ranges: [from('0')] }),
    )
    const { status, lines, err } = check(database)
    expect(err).to.equal('')
    expect(lines.slice(0, -1).sort()).to.deep.equal([
      `unknown  mocha ${versionOf('mocha')}  GHSA-hits-too, repaired in no version`,
      `unknown  undici ${versionOf('undici')}  GHSA-hits, repaired in 999.0.0`,
    ])
    expect(lines.at(-1)).to.match(/^\d+ packages, 2 advisories \(.+ of 2026-11-20\)\.$/)
    expect(status).to.equal(1)
  })

  it('ends with 0 where nothing is hit', async () => {
    const { status, lines } = check(
      await carried(record('GHSA-repaired', 'npm', 'undici', { ranges: [from('0', '0.0.1')] })),
    )
    expect(lines).to.have.length(1)
    expect(lines[0]).to.match(/ packages, 0 advisories /)
    expect(status).to.equal(0)
  })

  it('is no good sign where the database has nothing of npm, or is not there', async () => {
    const ofOthers = check(await carried(record('CVE-1', 'PyPI', 'x', { ranges: [from('0')] })))
    expect(ofOthers.lines.at(-1)).to.contain('no source for npm')
    expect(ofOthers.status).to.equal(1)
    const nothing = check(path.join(temporary.folder(), 'nothing.db'))
    expect(nothing.err).to.contain('There is no database of advisories')
    expect(nothing.status).to.equal(1)
  })
})
