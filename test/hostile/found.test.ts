import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { databaseAdd, save } from '../../provider/index.js'
import { readIgnored } from '../../provider/inside/ignored/read-ignored.js'
import { run } from '../cli/command/run.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout } from '../fixtures/layout.js'
import { makeWim } from '../fixtures/wim.js'
import { scratch } from '../scratch.js'
import { judged } from './judge.js'

/** What the corpus and the fuzzer have found. */
describe('what was found once', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  let home: string

  beforeEach(() => {
    home = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    process.env.CONTAINERIMAGE_STORE = path.join(home, 'store')
  })
  afterEach(() => {
    restoreEnvironment(environment)
    temporary.remove()
  })

  const failure = (work: Promise<unknown>): Promise<{ code?: string; message: string }> =>
    work.then(
      () => ({ message: 'it was taken' }),
      (error) => error,
    )

  it('a text of megabytes in place of settings is refused without a copy for each letter', async () => {
    mkdirSync(path.join(home, 'settings'))
    writeFileSync(path.join(home, 'settings', 'settings.json'), JSON.stringify('x'.repeat(3_000_000)))
    expect(await judged(['config', 'list', '--json'])).to.equal(1)
  })

  it('brackets without an end are refused before they are read, in advisories and in VEX', async () => {
    const file = path.join(home, 'x.json')
    writeFileSync(file, '['.repeat(12_000_000))
    const before = process.resourceUsage().maxRSS
    const database = path.join(home, 'advisories.db')
    expect(await failure(databaseAdd({ paths: [file], database }))).to.include({ code: 'INVALID_DOCUMENT' })
    const ignored = await failure(readIgnored([file]))
    expect(ignored).to.include({ code: 'INVALID_DOCUMENT' })
    expect(ignored.message).to.include('nesting')
    expect(process.resourceUsage().maxRSS - before).to.be.below(300 * 1024)
  })

  it('a list of a hundred thousand files that are not there is told in a hundred lines', async () => {
    const layout = path.join(home, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'a' } }] }])
    const media = path.join(home, 'media')
    mkdirSync(media)
    await save({ names: [layout], path: media, format: 'media' })
    const files = Array.from({ length: 100_000 }, (_, i) => ({
      path: `f${i}`,
      size: 1,
      sha256: '0'.repeat(64),
    }))
    writeFileSync(path.join(media, 'media.json'), JSON.stringify({ mediaVersion: 1, images: [], files }))
    const { err } = await run(['install', media])
    expect(err.split('\n').length).to.be.below(120)
    expect(err).to.match(/\d+ more; `containerimage verify` lists them/)
  })

  it('the history of a WIM, which has none yet, is refused in words', async () => {
    const [wim = ''] = await makeWim(path.join(home, 'nano.wim'), { size: 1000 })
    const { code, err } = await run(['history', wim, '--json'])
    expect([code, JSON.parse(err).error.code]).to.deep.equal([2, 'FORMAT_UNFIT'])
  })
})
