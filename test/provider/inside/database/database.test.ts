import {
  appendFileSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { checkDatabase, checkDatabaseOnce } from '../../../../provider/inside/database/check-database.js'
import { Database } from '../../../../provider/inside/database/open-database.js'
import { readPublications } from '../../../../provider/inside/database/read-publications.js'
import { changeDatabase } from '../../../../provider/inside/database/write-database.js'
import { Seeded } from '../../../manifests/seeded.js'
import { scratch } from '../../../scratch.js'
import { zipOf as zipOfMembers } from '../../../security/zip-builder.js'
import { failure } from '../../verbs/failure.js'
import { from, madeDatabase, record } from './made-database.js'
import { writeFiles, zipOf } from './made-files.js'

const TIME = new Date('2026-11-10T00:00:00Z')

describe('a database of advisories', () => {
  const { folder, remove } = scratch()
  after(remove)

  /** Records of an export, by their names in a zip. */
  function records(ecosystem: string, count: number): Record<string, unknown> {
    return Object.fromEntries(
      Array.from({ length: count }, (_, at) => {
        const id = `CVE-2026-${1000 + at}`
        const severity =
          at % 2 === 0
            ? { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }] }
            : {}
        return [
          `${id}.json`,
          record(id, ecosystem, `name-${at % 7}`, { ranges: [from('1.0', `1.${at}`)] }, severity),
        ]
      }),
    )
  }

  async function read(where: string, files: Record<string, unknown>) {
    await writeFiles(where, files)
    const paths = Object.keys(files).map((name) => path.join(where, name))
    for (const one of paths) utimesSync(one, TIME, TIME)
    return await readPublications(paths)
  }

  it('has the same bytes for the same advisories, in whatever order they come', async () => {
    const [one, other] = [folder(), folder()]
    const npm = records('npm', 30)
    const debian = records('Debian:12', 30)
    const reversed = Object.fromEntries(Object.entries(npm).reverse())
    const first = await read(one, { 'npm.zip': zipOf(npm), 'debian.zip': zipOf(debian) })
    const second = await read(other, { 'debian.zip': zipOf(debian), 'npm.zip': zipOf(reversed) })
    await changeDatabase(path.join(one, 'a.db'), { added: first.blocks })
    for (const block of second.blocks) await changeDatabase(path.join(other, 'a.db'), { added: [block] })
    expect(readFileSync(path.join(one, 'a.db')).equals(readFileSync(path.join(other, 'a.db')))).to.equal(true)
    expect(readdirSync(one).filter((name) => name.startsWith('.') || name.includes('lock'))).to.deep.equal([])
  })

  it('finds every package, and none that is not there', async () => {
    const database = await madeDatabase(folder(), { 'npm.zip': zipOf(records('npm', 500)) })
    const counts = Array.from({ length: 8 }, (_, at) => [...database.find('npm', `name-${at}`)].length)
    expect(counts).to.deep.equal([72, 72, 72, 71, 71, 71, 71, 0])
    expect([...database.find('npm', '')]).to.deep.equal([])
    expect([...database.find('PyPI', 'name-1')]).to.deep.equal([])
    const [first] = database.find('npm', 'name-2')
    expect(first?.advisory()).to.deep.equal({
      id: 'CVE-2026-1002',
      aliases: [],
      summary: 'What CVE-2026-1002 is',
      severity: 'high',
      score: 7.5,
      modified: '2026-11-20T10:00:00.000Z',
    })
    expect(database.sources).to.deep.equal([
      {
        name: 'OSV npm',
        kind: 'osv',
        date: '2026-11-20T10:00:00.000Z',
        advisories: 500,
        ecosystems: { npm: 500 },
      },
    ])
    database.close()
  })

  it('replaces a source as a whole, keeps the others as they are, and takes one out', async () => {
    const where = folder()
    const file = path.join(where, 'a.db')
    const both = await read(where, {
      'npm.zip': zipOf(records('npm', 9)),
      'pypi.zip': zipOf(records('PyPI', 9)),
    })
    await changeDatabase(file, { added: both.blocks })
    const fewer = await read(where, { 'npm.zip': zipOf(records('npm', 2)) })
    const now = await changeDatabase(file, { added: fewer.blocks })
    expect(now.map(({ name, advisories }) => [name, advisories])).to.deep.equal([
      ['OSV PyPI', 9],
      ['OSV npm', 2],
    ])
    expect(await changeDatabase(file, { added: [], removed: () => ['OSV PyPI', 'OSV npm'] })).to.deep.equal(
      [],
    )
    const empty = Database.open(file)
    expect(empty.knows('npm')).to.equal(false)
    await checkDatabase(file, empty.header)
    empty.close()
  })

  it('takes of an export what is about its own ecosystem, and of a single record all', async () => {
    const where = folder()
    const shared = record('GHSA-1', 'npm', 'a', { ranges: [from('0')] })
    const other = record('GHSA-1', 'Maven', 'a:a', { ranges: [from('0')] })
    const both = {
      ...shared,
      affected: [...(shared.affected as unknown[]), ...(other.affected as unknown[])],
    }
    const files = {
      'npm.zip': zipOf({ 'a.json': both, 'b.json': record('GHSA-2', 'npm', 'b', { ranges: [from('0')] }) }),
    }
    expect((await read(where, files)).blocks.map(({ source }) => source.ecosystems)).to.deep.equal([
      { npm: 2 },
    ])
    const single = await read(where, { 'one.json': both })
    expect(single.blocks.map(({ source: { name, ecosystems } }) => [name, ecosystems])).to.deep.equal([
      ['OSV record GHSA-1', { Maven: 1, npm: 1 }],
    ])
  })

  it('takes the newest of what stands in several files, and drops what was withdrawn since', async () => {
    const where = folder()
    const before = record('CVE-2026-1', 'npm', 'a', { ranges: [from('0')] })
    const withdrawn = { ...before, modified: '2026-11-25T00:00:00Z', withdrawn: '2026-11-25T00:00:00Z' }
    const result = await read(where, {
      'x/a.json': before,
      'x/b.json': withdrawn,
      'x/c.json': record('CVE-2026-2', 'npm', 'a', { ranges: [from('0')] }),
    }).then(() => readPublications([path.join(where, 'x')]))
    expect(result.blocks.map(({ source }) => source.advisories)).to.deep.equal([1])
  })

  it('is read from a folder of exports, a media and another database', async () => {
    const where = folder()
    await writeFiles(where, {
      'in/debian/CVE-1.json': record('CVE-2026-1', 'Debian:12', 'x', { ranges: [from('0')] }),
      'in/npm.zip': zipOf(records('npm', 3)),
      'in/readme.txt': 'hello',
    })
    const read = await readPublications([path.join(where, 'in')])
    expect(read.blocks.map(({ source }) => source.name).sort()).to.deep.equal(['OSV Debian', 'OSV npm'])
    await changeDatabase(path.join(where, 'media', 'advisories.db'), { added: read.blocks })
    const again = await readPublications([path.join(where, 'media')])
    expect(again.blocks).to.deep.equal(read.blocks.sort((a, b) => (a.source.name < b.source.name ? -1 : 1)))
  })

  describe('that means harm', () => {
    it('is refused where its bytes are not those of its sum, whichever they are', async () => {
      const where = folder()
      const database = await madeDatabase(where, { 'npm.zip': zipOf(records('npm', 20)) })
      const { file, header } = database
      database.close()
      const whole = readFileSync(file)
      await checkDatabaseOnce(file, header)
      const seeded = new Seeded(4)
      for (let count = 0; count < 60; count++) {
        const bytes = Buffer.from(whole)
        const at = seeded.below(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 + seeded.below(255))
        writeFileSync(file, bytes)
        await failure(
          (async () => {
            const opened = Database.open(file)
            try {
              await checkDatabaseOnce(file, opened.header)
            } finally {
              opened.close()
            }
          })(),
          'DATABASE_INVALID',
        )
      }
      truncateSync(file, whole.length - 1)
      expect(() => Database.open(file))
        .to.throw()
        .with.property('code', 'DATABASE_INVALID')
      writeFileSync(file, whole)
      appendFileSync(file, 'x')
      expect(() => Database.open(file))
        .to.throw()
        .with.property('code', 'DATABASE_INVALID')
    })

    it('ends whatever stands in it, though its sum be right', async () => {
      const where = folder()
      const database = await madeDatabase(where, { 'npm.zip': zipOf(records('npm', 20)) })
      database.close()
      const whole = readFileSync(database.file)
      const seeded = new Seeded(5)
      for (let count = 0; count < 400; count++) {
        const bytes = Buffer.from(whole)
        for (let change = 0; change < 3; change++)
          bytes[56 + seeded.below(bytes.length - 56)] = seeded.oneOf([0, 1, 127, 128, 255])
        writeFileSync(database.file, bytes)
        try {
          const opened = Database.open(database.file)
          try {
            for (let at = 0; at < 8; at++)
              for (const found of opened.find('npm', `name-${at}`)) found.advisory()
          } finally {
            opened.close()
          }
        } catch (error) {
          expect(error).to.have.property('code', 'DATABASE_INVALID')
        }
      }
    })

    it('does not stand for what it is not: no file, a folder, another file', async () => {
      const where = folder()
      expect(() => Database.open(path.join(where, 'none')))
        .to.throw()
        .with.property('code', 'PATH_NOT_FOUND')
      expect(() => Database.open(where))
        .to.throw()
        .with.property('code', 'NOT_A_FILE')
      writeFileSync(path.join(where, 'x'), 'hello')
      expect(() => Database.open(path.join(where, 'x')))
        .to.throw()
        .with.property('code', 'DATABASE_INVALID')
    })
  })

  describe('made of files that mean harm', () => {
    it('leaves out each broken advisory with what is wrong with it, and keeps the others', async () => {
      const where = folder()
      const good = record('CVE-2026-9', 'npm', 'a', { ranges: [from('0', '2')] })
      const result = await read(where, {
        'npm.zip': zipOf({
          'good.json': good,
          'text.json': 'not json',
          'cut.json': JSON.stringify(good).slice(0, -5),
          'latin1.json': Buffer.from('{"id":"\xe9"}', 'latin1'),
          'list.json': [1, 2],
          'number.json': { id: 5, affected: [] },
          'types.json': {
            id: 'CVE-2026-10',
            affected: [
              { package: { ecosystem: 7, name: 'a' } },
              {
                package: { ecosystem: 'npm', name: 'b' },
                ranges: [
                  { type: 'SEMVER', events: 'x' },
                  { type: 'WRONG', events: [{ introduced: '0' }] },
                ],
              },
            ],
          },
          'events.json': record('CVE-2026-11', 'npm', 'c', {
            ranges: [{ events: [{ introduced: 5 as unknown as string }, { fixed: '1' }] }],
          }),
          'own.json':
            '{"id":"CVE-2026-12","__proto__":{"x":1},"affected":[{"package":{"ecosystem":"npm","name":"__proto__"},"versions":["1"]}]}',
          'deep.json': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
          'many.json': record('CVE-2026-13', 'npm', 'd', {
            versions: Array.from({ length: 60_000 }, (_, at) => `1.${at}`),
          }),
        }),
      })
      const files = result.broken.map(({ place }) => path.basename(place).replace(/^.*, /, ''))
      expect([...new Set(files)].sort()).to.deep.equal([
        'cut.json',
        'deep.json',
        'events.json',
        'latin1.json',
        'list.json',
        'many.json',
        'number.json',
        'text.json',
        'types.json',
      ])
      expect(
        result.broken.filter(({ place }) => place.endsWith('types.json')).map(({ problem }) => problem),
      ).to.deep.equal([
        'affected[0].package: expected an ecosystem and a name, found {"ecosystem":7,"name":"a"}',
        'affected[1].ranges[0].events: expected a list of at most 10000 events, found none',
        'affected[1].ranges[1].type: expected ECOSYSTEM, SEMVER or GIT, found "WRONG"',
      ])
      expect(result.blocks.map(({ source }) => source.advisories)).to.deep.equal([2])
      expect(result.brokenCount).to.equal(result.broken.length)
    })

    it('lists a hundred of them, and counts the rest', async () => {
      const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}.json`, '{']))
      const result = await read(folder(), {
        'npm.zip': zipOf({
          ...files,
          'good.json': record('CVE-2026-9', 'npm', 'a', { ranges: [from('0')] }),
        }),
      })
      expect(result.broken).to.have.lengthOf(100)
      expect(result.brokenCount).to.equal(300)
    })

    it('takes nothing of a zip that is cut, damaged or grows beyond what it says', async () => {
      const where = folder()
      const zip = zipOf(records('npm', 5))
      await writeFiles(where, {
        'cut.zip': zip.subarray(0, zip.length - 30),
        'none.zip': zipOf({ 'a.txt': 'x' }),
      })
      await failure(readPublications([path.join(where, 'cut.zip')]), 'ARCHIVE_INVALID')
      await failure(readPublications([path.join(where, 'none.zip')]), 'INVALID_DOCUMENT')
      const good = record('CVE-2026-9', 'npm', 'a', { ranges: [from('0')] })
      const bombs = { 'bomb.json': ' '.repeat(50_000_000), 'large.json': ' '.repeat(70_000_000) }
      const bomb = await read(where, { 'bomb.zip': zipOf({ ...bombs, 'good.json': good }) })
      expect(bomb.blocks.map(({ source }) => source.advisories)).to.deep.equal([1])
      expect(bomb.brokenCount).to.equal(2)
      await writeFiles(where, { 'lying.zip': zipOf({ 'a.json': ' '.repeat(30_000) }, 10) })
      const lying = await failure(readPublications([path.join(where, 'lying.zip')]), 'INVALID_DOCUMENT')
      expect(lying.found).to.match(/damaged/)
    })

    it('takes nothing of a member of a zip whose bytes are not those of its sum', async () => {
      const where = folder()
      // Kept as it is, so that nothing but its sum says that it is another.
      const member = { name: 'a.json', bytes: Buffer.from(JSON.stringify(records('npm', 1))), crc32: 12345 }
      await writeFiles(where, { 'other.zip': zipOfMembers([member]) })
      const error = await failure(readPublications([path.join(where, 'other.zip')]), 'INVALID_DOCUMENT')
      expect(error.found).to.match(/CRC-32|damaged/)
    })

    it('refuses a file that has nothing at all', async () => {
      const where = folder()
      await writeFiles(where, { 'a.json': { hello: 1 }, 'b.json': 'x', 'empty/readme': 'x' })
      for (const name of ['a.json', 'b.json', 'empty'])
        await failure(readPublications([path.join(where, name)]), 'INVALID_DOCUMENT')
      await failure(readPublications([path.join(where, 'nothing')]), 'PATH_NOT_FOUND')
    })

    it('stops at once where it is told to', async () => {
      const where = folder()
      await writeFiles(where, { 'npm.zip': zipOf(records('npm', 50)) })
      await failure(
        readPublications([path.join(where, 'npm.zip')], { signal: AbortSignal.abort() }),
        'INTERRUPTED',
      )
    })
  })

  it('is checked once, as long as the file is the same', async () => {
    const database = await madeDatabase(folder(), { 'npm.zip': zipOf(records('npm', 5)) })
    await checkDatabaseOnce(database.file, database.header)
    const beside = statSync(`${database.file}.checked`).mtimeMs
    await checkDatabaseOnce(database.file, database.header)
    expect(statSync(`${database.file}.checked`).mtimeMs).to.equal(beside)
    database.close()
  })
})
