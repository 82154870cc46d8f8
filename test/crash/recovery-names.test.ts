import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { save } from '../../provider/index.js'
import { createRecovery } from '../../provider/recovery/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

/** The index has its name last: without it a run did not come to its end. */
const INDEX = 'base-1-0.par2'

describe('recovery files of which a killed run named some', () => {
  const temporary = scratch()
  let stick: string
  let again: () => Promise<unknown>
  let whole: Record<string, string>

  beforeEach(async () => {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { size: 300_000 } }] }])
    stick = path.join(temporary.folder(), 'stick')
    mkdirSync(stick)
    again = () => save({ names: [layout], path: stick, recovery: 0.5 })
    await again()
    whole = filesIn(stick)
  })
  afterEach(() => temporary.remove())

  const volumes = () => readdirSync(stick).filter((name) => name.includes('.vol'))

  for (const [kept, title] of [
    [1, 'one'],
    [2, 'two'],
    [Number.POSITIVE_INFINITY, 'all but the index'],
  ] as const)
    it(`are made whole by the next save: ${title}`, async () => {
      rmSync(path.join(stick, INDEX))
      for (const name of volumes().slice(kept)) rmSync(path.join(stick, name))
      await again()
      expect(filesIn(stick)).to.deep.equal(whole)
    })

  it('stay as they are where the index is there', async () => {
    const [first = ''] = volumes()
    rmSync(path.join(stick, first))
    const before = filesIn(stick)
    await again()
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('are refused where one is damaged, and stay', async () => {
    rmSync(path.join(stick, INDEX))
    const last = path.join(stick, volumes().at(-1) ?? '')
    const bytes = readFileSync(last)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff
    writeFileSync(last, bytes)
    const before = filesIn(stick)
    await failure(again(), 'FILE_EXISTS')
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('are refused where they are of other files, or some are, and stay', async () => {
    for (const stay of [0, 1]) {
      rmSync(path.join(stick, INDEX), { force: true })
      for (const name of volumes().slice(stay)) rmSync(path.join(stick, name))
      const other = temporary.folder()
      writeFileSync(path.join(other, 'mine'), Buffer.alloc(40_000, 'mine'))
      await createRecovery({ folder: other, files: ['mine'], base: 'base-1-0', redundancy: 1 })
      for (const name of readdirSync(other).filter((one) => one.includes('.vol')))
        writeFileSync(
          path.join(stick, `base-1-0.vol900+0${name.length % 10}.par2`),
          readFileSync(path.join(other, name)),
        )
      const before = filesIn(stick)
      await failure(again(), 'FILE_EXISTS')
      expect(filesIn(stick)).to.deep.equal(before)
    }
  })
})
