import path from 'node:path'
import { expect } from 'chai'
import { writeFiles } from '../provider/inside/database/made-files.js'
import { madeDebian, TRACKER } from '../provider/verbs/vulnerabilities/made-image.js'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describe('the commands about vulnerabilities', () => {
  const { folder, remove } = scratch()
  const kept = { data: process.env.XDG_DATA_HOME, database: process.env.CONTAINERIMAGE_DATABASE }
  let where: string
  let image: string

  before(async () => {
    where = folder()
    process.env.XDG_DATA_HOME = path.join(where, 'data')
    process.env.CONTAINERIMAGE_DATABASE = path.join(where, 'advisories.db')
    image = madeDebian(where)
    await writeFiles(where, { 'tracker.json': TRACKER, 'ignore.txt': 'CVE-2026-1004\n' })
  })
  after(() => {
    for (const [name, value] of [
      ['XDG_DATA_HOME', kept.data],
      ['CONTAINERIMAGE_DATABASE', kept.database],
    ] as const)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    remove()
  })

  const command = (...words: string[]) =>
    run([...words, '--store', path.join(where, 'store'), '--no-progress'])

  it('add advisories, and list them', async () => {
    const none = await command('database', 'list')
    expect(none).to.deep.include({
      code: 0,
      out: `There is no database of advisories at ${where}/advisories.db.\n`,
    })
    const added = await command('database', 'add', path.join(where, 'tracker.json'))
    expect(added.code).to.equal(0)
    expect(added.out).to.match(
      /^Added Debian security tracker: 4 advisories\nDatabase .*advisories\.db, \d+ B\n$/,
    )
    const { out } = await command('database', 'list')
    expect(out).to.match(/^SOURCE +ADVISORIES +DATE +AGE\nDebian security tracker +4 +\d{4}-\d\d-\d\d /)
  })

  it('show a table, what was left out, of which packages, and how old the database is', async () => {
    const { code, out } = await command('vulnerabilities', image, '--ignore', path.join(where, 'ignore.txt'))
    expect(code).to.equal(0)
    expect(out.split('\n')).to.deep.include.members([
      'ID             SEVERITY  PACKAGE  VERSION           FIXED IN',
      'CVE-2026-1001  high      libssl3  3.0.11-1~deb12u1  3.0.13-1~deb12u1',
      'CVE-2026-1002  low       openssl  3.0.11-1~deb12u1  (no fix yet)',
      '4 vulnerabilities: 2 high, 2 low',
      `Ignored: 1, by ${path.join(where, 'ignore.txt')}`,
      'Compared: 3 packages of Debian GNU/Linux 12',
    ])
    expect(out).to.match(/\nDatabase of \d{4}-\d\d-\d\d, \d+ days? old: Debian security tracker\n$/)
  })

  it('end with 4 where one is as severe, having told all of them', async () => {
    const { code, out, err } = await command('vulnerabilities', image, '--fail-on', 'high', '--json')
    expect(code).to.equal(4)
    expect(JSON.parse(out).vulnerabilities).to.have.lengthOf(5)
    expect(JSON.parse(err).error.code).to.equal('VULNERABLE')
    expect((await command('vulnerabilities', image, '--fail-on', 'critical')).code).to.equal(0)
  })

  it('remove a source, or only say so', async () => {
    const would = await command('database', 'remove', 'Debian security tracker', '--what-if')
    expect(would.out).to.equal('Would remove Debian security tracker\n')
    const removed = await command('database', 'remove', 'Debian security tracker')
    expect(removed.out).to.match(/^Removed Debian security tracker\n/)
    const none = await command('vulnerabilities', image)
    expect(none.out).to.match(
      /^No package could be compared\.\nCompared: 0 packages.*\nNOT compared: 3 packages of Debian:12: the database has nothing of it\n/,
    )
    expect((await command('vulnerabilities', image, '--fail-on', 'critical')).code).to.equal(3)
  })
})
