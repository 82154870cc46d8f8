import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parseMediaList } from '../../../../manifests/index.js'
import { type SaveRequest, save, verify } from '../../../../provider/index.js'
import { sourceDate } from '../../../../provider/io/source-date.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { filesIn } from '../../verbs/on-disk.js'

describe('a media made again', () => {
  const temporary = scratch()
  let folder: string
  let before: string | undefined

  beforeEach(() => {
    folder = temporary.folder()
    before = process.env.SOURCE_DATE_EPOCH
    process.env.SOURCE_DATE_EPOCH = '1700000000'
  })
  afterEach(() => {
    if (before === undefined) delete process.env.SOURCE_DATE_EPOCH
    else process.env.SOURCE_DATE_EPOCH = before
    temporary.remove()
  })

  function image(refName: string, ...contents: string[]): string {
    const layout = path.join(folder, refName.replaceAll(/[/:]/g, '-'))
    makeLayout(layout, [
      {
        refName,
        layers: contents.map((content) => ({ files: { [content]: Buffer.alloc(50_000, content) } })),
      },
    ])
    return layout
  }

  async function made(name: string, names: string[], more: Partial<SaveRequest> = {}): Promise<string> {
    const stick = path.join(folder, name)
    mkdirSync(stick, { recursive: true })
    await save({ names, path: stick, format: 'media', ...more })
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    return stick
  }

  it('has the same bytes, in whatever order its images are named', async () => {
    const all = [
      image('b:1', 'base', 'b'),
      image('a:2', 'base', 'a'),
      image('team/a:1', 'c'),
      image('c:1', 'c', 'd'),
    ]
    const first = filesIn(await made('first', all))
    expect(filesIn(await made('second', [...all].reverse()))).to.deep.equal(first)
    const [b = '', a = '', ...others] = all
    await made('third', [a])
    await made('third', [...others, b])
    expect(filesIn(path.join(folder, 'third'))).to.deep.equal(first)
    const list = parseMediaList(readFileSync(path.join(folder, 'third', 'media.json')))
    expect(new Set(list.images.map(({ saved }) => saved))).to.deep.equal(
      new Set(['2023-11-14T22:13:20.000Z']),
    )
  })

  it('has the same bytes where it is a delta, in whatever order its bases are named', async () => {
    const bases = [
      await made('base-1', [image('a:1', 'base', 'a')]),
      await made('base-2', [image('b:1', 'base', 'b')]),
    ]
    const names = [image('a:2', 'base', 'a', 'new'), image('b:2', 'base', 'b', 'new')]
    const first = filesIn(await made('first', names, { base: bases }))
    expect(first).to.have.property('delta.json')
    const second = await made('second', [...names].reverse(), { base: [...bases].reverse() })
    expect(filesIn(second)).to.deep.equal(first)
  })

  it('has the same bytes where it is a delta of blocks', async () => {
    const base = await made('base', [image('a:1', 'base', 'a')])
    const names = [image('a:2', 'base', 'changed')]
    const [first, second] = ['first', 'second'].map((name) =>
      made(name, names, { base: [base], delta: 'blocks' }),
    )
    expect(filesIn((await second) ?? '')).to.deep.equal(filesIn((await first) ?? ''))
  })

  it('takes what is whole from where it lies, also when it is forced, and brings what is damaged', async () => {
    const names = [image('a:1', 'base', 'a')]
    const stick = await made('stick', names)
    const whole = filesIn(stick)
    const forced = await save({ names, path: stick, format: 'media', force: true })
    expect(forced.fetchedBytes).to.equal(0)
    expect(forced.reusedBytes).to.be.greaterThan(0)
    const [blob = ''] = Object.keys(whole).filter((file) => file.startsWith('blobs'))
    const bytes = readFileSync(path.join(stick, blob))
    bytes[10] = (bytes[10] ?? 0) ^ 0xff
    writeFileSync(path.join(stick, blob), bytes, { mode: 0o644 })
    const mended = await save({ names, path: stick, format: 'media', force: true })
    expect(mended.fetchedBytes).to.equal(bytes.length)
    expect(filesIn(stick)).to.deep.equal(whole)
  })

  it('is refused where SOURCE_DATE_EPOCH is no time', async () => {
    for (const epoch of ['yesterday', '-1', '1.5', '99999999999999'])
      expect(() => sourceDate({ SOURCE_DATE_EPOCH: epoch }), epoch).to.throw(/SOURCE_DATE_EPOCH/)
    expect(sourceDate({ SOURCE_DATE_EPOCH: '0' }).toISOString()).to.equal('1970-01-01T00:00:00.000Z')
    expect(sourceDate({}).getTime()).to.be.closeTo(Date.now(), 60_000)
    process.env.SOURCE_DATE_EPOCH = 'now'
    await failure(made('refused', [image('a:1', 'a')]), 'USAGE')
    expect(filesIn(path.join(folder, 'refused'))).to.deep.equal({})
  })
})
