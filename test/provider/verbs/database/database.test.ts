import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import {
  type DatabaseChange,
  databaseAdd,
  databaseList,
  databaseRemove,
  databaseUpdate,
  setSetting,
} from '../../../../provider/index.js'
import { publishedAt, wordFor } from '../../../../provider/inside/database/publishers.js'
import { scratch } from '../../../scratch.js'
import { from, record } from '../../inside/database/made-database.js'
import { writeFiles, zipOf } from '../../inside/database/made-files.js'
import { failure } from '../failure.js'

const npm = (...ids: string[]) =>
  zipOf(
    Object.fromEntries(ids.map((id) => [`${id}.json`, record(id, 'npm', 'left', { ranges: [from('0')] })])),
  )

describe('the database of advisories', () => {
  const { folder, remove } = scratch()
  let settings: string | undefined
  let server: Server
  let url: string
  const offered = new Map<string, Buffer>()
  const asked: string[] = []

  before(async () => {
    settings = process.env.CONTAINERIMAGE_CONFIG_DIR
    process.env.CONTAINERIMAGE_CONFIG_DIR = folder()
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const bytes = offered.get(request.url ?? '')
      if (bytes) response.end(bytes)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    await new Promise((resolve) => server.close(resolve))
    if (settings === undefined) delete process.env.CONTAINERIMAGE_CONFIG_DIR
    else process.env.CONTAINERIMAGE_CONFIG_DIR = settings
    remove()
  })

  const place = () => {
    const where = folder()
    return { where, database: path.join(where, 'advisories.db'), store: path.join(where, 'store') }
  }
  const counts = ({ sources }: { sources: { name: string; advisories: number }[] }) =>
    sources.map(({ name, advisories }) => `${name}: ${advisories}`)

  it('is nothing at first, gets sources, and loses them', async () => {
    const { where, database } = place()
    expect(await databaseList({ database })).to.deep.equal({
      path: database,
      exists: false,
      size: 0,
      sources: [],
    })
    await writeFiles(where, {
      'all.zip': npm('CVE-2026-1001', 'CVE-2026-1002'),
      'own.json': record('SITE-2026-1', 'npm', 'left', { versions: ['1.0.0'] }),
    })
    const paths = ['all.zip', 'own.json'].map((name) => path.join(where, name))
    const added = await databaseAdd({ database, paths })
    expect(added.added).to.deep.equal([
      { name: 'OSV record SITE-2026-1', advisories: 1 },
      { name: 'OSV npm', advisories: 2 },
    ])
    const listed = await databaseList({ database })
    expect(counts(listed)).to.deep.equal(['OSV npm: 2', 'OSV record SITE-2026-1: 1'])
    expect(listed.sources[0]).to.include({ kind: 'osv', date: '2026-11-20T10:00:00.000Z' })
    const removed = await databaseRemove({ database, names: ['osv NPM'] })
    expect(removed.removed).to.deep.equal(['OSV npm'])
    expect(counts(removed)).to.deep.equal(['OSV record SITE-2026-1: 1'])
    await failure(databaseRemove({ database, names: ['OSV npm'] }), 'DATABASE_MISSING')
  })

  it('stays as it is where it is only asked what would happen', async () => {
    const { where, database } = place()
    await writeFiles(where, { 'all.zip': npm('CVE-2026-1001') })
    const would = await databaseAdd({ database, paths: [path.join(where, 'all.zip')], whatIf: true })
    expect(would.added).to.deep.equal([{ name: 'OSV npm', advisories: 1 }])
    expect(existsSync(database)).to.equal(false)
    await databaseAdd({ database, paths: [path.join(where, 'all.zip')] })
    const before = readFileSync(database)
    await databaseRemove({ database, names: ['OSV npm'], whatIf: true })
    expect(readFileSync(database).equals(before)).to.equal(true)
  })

  it('tells what was broken, and that a part took the place of the whole', async () => {
    const { where, database } = place()
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }) => {
      if (event.type === 'note') notes.push(event.message ?? '')
    }
    await writeFiles(where, {
      'all.zip': npm('CVE-2026-1001', 'CVE-2026-1002', 'CVE-2026-1003'),
      'few.zip': zipOf({
        'a.json': record('CVE-2026-1001', 'npm', 'left', { ranges: [from('0')] }),
        'b.json': '{',
      }),
    })
    await databaseAdd({ database, paths: [path.join(where, 'all.zip')], onProgress })
    expect(notes).to.deep.equal([])
    const change = await databaseAdd({ database, paths: [path.join(where, 'few.zip')], onProgress })
    expect(change.brokenCount).to.equal(1)
    expect(notes).to.have.lengthOf(2)
    expect(notes[0]).to.match(/Left out: .*few\.zip, b\.json: It is not JSON/)
    expect(notes[1]).to.equal('OSV npm had 3 advisories, and has 1 now: was it the whole export?')
  })

  it('names the file that is nothing it can read, whatever its bytes are', async () => {
    const { where, database } = place()
    await writeFiles(where, {
      'cut.json': '{',
      'bytes.json': Buffer.from([0x1f, 0x8b, 0xff]),
      'none.json': '',
    })
    for (const name of ['cut.json', 'bytes.json', 'none.json']) {
      const file = path.join(where, name)
      const error = await failure(databaseAdd({ database, paths: [file] }), 'INVALID_DOCUMENT')
      expect(error.message).to.contain(`${file} is not JSON in UTF-8`)
    }
  })

  it('has both changes of two that are made at once', async () => {
    const { where, database } = place()
    await writeFiles(where, {
      'npm.zip': npm('CVE-2026-1001'),
      'own.json': record('SITE-2026-1', 'npm', 'x', { versions: ['1.0.0'] }),
    })
    await Promise.all(
      ['npm.zip', 'own.json'].map((name) => databaseAdd({ database, paths: [path.join(where, name)] })),
    )
    expect(counts(await databaseList({ database }))).to.deep.equal([
      'OSV npm: 1',
      'OSV record SITE-2026-1: 1',
    ])
  })

  it('is as it was where a change of it fails', async () => {
    const { where, database } = place()
    await writeFiles(where, {
      'npm.zip': npm('CVE-2026-1001'),
      'bad.zip': npm('CVE-2026-1002').subarray(0, 90),
    })
    await databaseAdd({ database, paths: [path.join(where, 'npm.zip')] })
    const before = readFileSync(database)
    await failure(
      databaseAdd({ database, paths: [path.join(where, 'npm.zip'), path.join(where, 'bad.zip')] }),
      'ARCHIVE_INVALID',
    )
    await failure(
      databaseAdd({ database, paths: [path.join(where, 'npm.zip')], signal: AbortSignal.abort() }),
      'INTERRUPTED',
    )
    expect(readFileSync(database).equals(before)).to.equal(true)
  })

  describe('that is fetched', () => {
    const update = (where: ReturnType<typeof place>, what?: string[]): Promise<DatabaseChange> =>
      databaseUpdate({ database: where.database, store: where.store, what })

    it('is what a publisher offers at a URL, and nothing is asked for twice or besides', async () => {
      offered.set('/npm/all.zip', npm('CVE-2026-1001', 'CVE-2026-1002'))
      asked.length = 0
      const where = place()
      expect(counts(await update(where, [`${url}/npm/all.zip`]))).to.deep.equal(['OSV npm: 2'])
      expect(asked).to.deep.equal(['/npm/all.zip'])
      await failure(update(where, [`${url}/none.zip`]), 'NOT_FOUND')
      offered.set('/bad.zip', Buffer.from('<html>log in</html>'))
      await failure(update(where, [`${url}/bad.zip`]), 'INVALID_DOCUMENT')
      expect(counts(await databaseList({ database: where.database }))).to.deep.equal(['OSV npm: 2'])
    })

    it('is what the settings say, where nothing else is said', async () => {
      const where = place()
      await failure(update(where), 'USAGE')
      offered.set(
        '/a.json',
        Buffer.from(JSON.stringify(record('SITE-2026-1', 'npm', 'left', { versions: ['1.0.0'] }))),
      )
      offered.set('/b.zip', npm('CVE-2026-1001'))
      await setSetting('advisories', `${url}/a.json, ${url}/b.zip`)
      try {
        expect(counts(await update(where))).to.deep.equal(['OSV npm: 1', 'OSV record SITE-2026-1: 1'])
      } finally {
        await setSetting('advisories', undefined)
      }
    })

    it('is never fetched over plain http from another machine', async () => {
      await failure(update(place(), ['http://example.org/all.zip']), 'SOURCE_INSECURE')
    })

    it("is named by publishers' words as well, and each source by the word that brings a newer one", async () => {
      expect(publishedAt('osv:Red Hat')).to.match(/^https:\/\/.*\/Red%20Hat\/all\.zip$/)
      expect(publishedAt('debian')).to.match(/^https:\/\/security-tracker\.debian\.org\//)
      expect(publishedAt('alpine:v3.22/main')).to.match(/^https:\/\/.*\/v3\.22\/main\.json$/)
      for (const word of ['osv:', 'osv:../x', 'ubuntu', 'alpine:v3.22', 'file:///etc/passwd'])
        expect(() => publishedAt(word), word)
          .to.throw()
          .with.property('code', 'USAGE')
      const word = (name: string, kind: 'osv' | 'debian-tracker' | 'alpine-secdb') =>
        wordFor({ name, kind, date: '', advisories: 0, ecosystems: {} })
      expect(word('OSV Red Hat', 'osv')).to.equal('osv:Red Hat')
      expect(word('OSV record X-1', 'osv')).to.equal(undefined)
      expect(word('Debian security tracker', 'debian-tracker')).to.equal('debian')
      expect(word('Alpine secdb v3.22 main', 'alpine-secdb')).to.equal('alpine:v3.22/main')
    })
  })
})
