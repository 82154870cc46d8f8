import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { databaseAdd, databaseList, install, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { from, record } from '../../inside/database/made-database.js'
import { writeFiles, zipOf } from '../../inside/database/made-files.js'
import { failure } from '../failure.js'

describe('a database of advisories that is carried', () => {
  const { folder, remove } = scratch()
  let where: string
  let database: string
  let stick: string
  let before: string | undefined

  beforeEach(async () => {
    where = folder()
    database = path.join(where, 'here', 'advisories.db')
    stick = path.join(where, 'stick')
    before = process.env.CONTAINERIMAGE_DATABASE
    makeLayout(path.join(where, 'layout'), [{ refName: 'debian:12.5', layers: [{ files: { a: 'base' } }] }])
    const export_ = zipOf({ 'a.json': record('CVE-2026-1001', 'npm', 'left', { ranges: [from('0')] }) })
    await writeFiles(where, { 'all.zip': export_ })
    await databaseAdd({ database, paths: [path.join(where, 'all.zip')] })
  })
  afterEach(() => {
    if (before === undefined) delete process.env.CONTAINERIMAGE_DATABASE
    else process.env.CONTAINERIMAGE_DATABASE = before
  })
  after(remove)

  const saved = (more: object = {}) =>
    save({
      names: [path.join(where, 'layout')],
      path: stick,
      format: 'media',
      force: true,
      store: path.join(where, 'store'),
      withDatabase: database,
      ...more,
    })

  it('is a file of the media like any other: listed, verified, kept by the next save', async () => {
    const result = await saved()
    expect(result.files.map(({ path: file }) => path.basename(file))).to.include('advisories.db')
    expect(readFileSync(path.join(stick, 'advisories.db')).equals(readFileSync(database))).to.equal(true)
    expect(readFileSync(path.join(stick, 'SHA256SUMS'), 'utf8')).to.match(/ advisories\.db$/m)
    expect(await verify({ paths: [stick], store: path.join(where, 'store') })).to.deep.include({ ok: true })
    await saved({ withDatabase: undefined })
    expect(readFileSync(path.join(stick, 'SHA256SUMS'), 'utf8')).to.match(/ advisories\.db$/m)
    const bytes = readFileSync(path.join(stick, 'advisories.db'))
    writeFileSync(path.join(stick, 'advisories.db'), bytes.fill(0, bytes.length - 1))
    expect((await verify({ paths: [stick], store: path.join(where, 'store') })).ok).to.equal(false)
  })

  it('is not taken by an install, which says that it is there; it is by its own command', async () => {
    await saved()
    const notes: string[] = []
    process.env.CONTAINERIMAGE_DATABASE = path.join(where, 'there', 'advisories.db')
    const onProgress = (event: { type: string; message?: string }) => {
      if (event.type === 'note') notes.push(event.message ?? '')
    }
    const request = {
      targets: [stick],
      store: path.join(where, 'other'),
      platform: 'linux/amd64',
      onProgress,
    }
    await install(request)
    expect(existsSync(process.env.CONTAINERIMAGE_DATABASE)).to.equal(false)
    expect(notes.filter((note) => note.includes('advisories'))).to.have.lengthOf(1)
    expect(notes.join()).to.match(
      /carries newer advisories: OSV npm of 2026-11-20\. To take them: `database`/,
    )
    expect((await databaseAdd({ paths: [stick] })).added).to.deep.equal([{ name: 'OSV npm', advisories: 1 }])
    expect((await databaseList()).sources.map(({ name }) => name)).to.deep.equal(['OSV npm'])
    notes.length = 0
    await install(request)
    expect(notes.filter((note) => note.includes('advisories'))).to.deep.equal([])
  })

  it('is refused before anything is saved, where there is none, or no folder for it', async () => {
    await failure(saved({ withDatabase: path.join(where, 'none') }), 'DATABASE_MISSING')
    await failure(saved({ format: undefined, path: '-', stdout: async () => {} }), 'USAGE')
    writeFileSync(database, 'hello')
    await failure(saved(), 'DATABASE_INVALID')
    expect(existsSync(stick)).to.equal(false)
  })
})
