import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, prune, save, tag, uninstall, untag, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

describe('a media whose names are changed as those of a store', () => {
  const temporary = scratch()
  let stick: string

  beforeEach(async () => {
    const layout = path.join(temporary.folder(), 'layout')
    stick = path.join(temporary.folder(), 'stick')
    mkdirSync(stick)
    makeLayout(layout, [
      { refName: 'redis:7', layers: [{ files: { a: 'docker' } }] },
      { refName: 'quay.io/team/redis:7', layers: [{ files: { a: 'quay' } }] },
    ])
    await save({ names: [layout], path: stick, format: 'media', withTool: true })
  })
  afterEach(() => temporary.remove())

  /** What arrives on the other side, once the media has passed its check. */
  async function arrived(): Promise<string[]> {
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    const store = path.join(temporary.folder(), 'other-side')
    await install({ targets: [stick], store, noLatest: true })
    return (await get({ store })).map((row) => `${row.repository}:${row.tag}`).sort()
  }

  it('is whole after one image was uninstalled', async () => {
    await uninstall({ name: 'quay.io/team/redis', version: '7', store: stick })
    expect(await arrived()).to.deep.equal(['redis:7'])
    expect(readFileSync(path.join(stick, 'index.html'), 'utf8')).to.not.include('quay.io')
    expect(readFileSync(path.join(stick, 'media.json'), 'utf8')).to.not.include('quay.io')
  })

  it('is whole after names came and went', async () => {
    await tag({ from: 'redis:7', to: 'site/cache:1', store: stick })
    await untag({ name: 'redis:7', store: stick })
    expect(await arrived()).to.deep.equal(['quay.io/team/redis:7', 'site/cache:1'])
  })

  it('is whole after what nothing names was pruned', async () => {
    await untag({ name: 'redis:7', store: stick })
    await prune({ store: stick })
    expect(await arrived()).to.deep.equal(['quay.io/team/redis:7'])
  })

  it('still tells of a file that was exchanged before', async () => {
    writeFileSync(path.join(stick, 'containerimage.mjs'), 'another')
    await untag({ name: 'redis:7', store: stick })
    const { problems } = await verify({ paths: [stick] })
    expect(problems.map(({ path: name }) => name)).to.include('containerimage.mjs')
  })

  it('is left alone by what would be done', async () => {
    const before = readFileSync(path.join(stick, 'SHA256SUMS'), 'utf8')
    await uninstall({ name: 'redis:7', whatIf: true, store: stick })
    await untag({ name: 'redis:7', whatIf: true, store: stick })
    expect(readFileSync(path.join(stick, 'SHA256SUMS'), 'utf8')).to.equal(before)
  })
})
