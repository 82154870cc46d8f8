import path from 'node:path'
import { expect } from 'chai'
import { openWim, readTree, verifyWim } from '../../../../../provider/formats/wim/index.js'
import { scratch } from '../../../../scratch.js'
import { file, folder, type RawEntry, writeRawWim } from '../raw-wim.js'

const MANY = 60_000

describe('files with tens of thousands of streams', () => {
  // Compared one with another they take minutes.
  const folders = scratch()
  after(() => folders.remove())

  const streams = (order: 1 | -1, data = 'y') =>
    Array.from({ length: MANY }, (_, i) => ({
      name: `s${String(order > 0 ? i : MANY - 1 - i).padStart(5, '0')}`,
      data,
    }))

  async function problemsOf(children: RawEntry[]): Promise<string[]> {
    const target = writeRawWim(path.join(folders.folder(), 'many.wim'), [{ root: folder(children) }])
    const wim = await openWim(target)
    const report = await verifyWim(wim, { workers: 0 })
    await wim.close()
    return report.problems.map(({ message }) => message)
  }

  it('are read, as one file or under two names whose streams stand in another order', async () => {
    expect(await problemsOf([file('f', 'x', { streams: streams(1) })])).to.deep.equal([])
    const named = (name: string, order: 1 | -1): RawEntry =>
      file(name, 'x', { group: 4, streams: streams(order) })
    expect(await problemsOf([named('f', 1), named('g', -1)])).to.deep.equal([])
  })

  it('may belong to a folder, and to many names of one group that differ', async () => {
    expect(await problemsOf([folder([], { name: 'd', streams: streams(1) })])).to.deep.equal([])
    const names = Array.from({ length: 40_000 }, (_, i) => file(`f${i}`, `${i % 20_000}`, { group: 4 }))
    expect(await problemsOf(names)).to.deep.equal([])
  })

  it('are refused where the last of them has the name of the first, but for its case', async () => {
    const [problem] = await problemsOf([
      file('f', 'x', { streams: [...streams(1), { name: 'S00000', data: 'z' }] }),
    ])
    expect(problem).to.contain('/f:S00000: two streams of the file have this name')
  })

  it('can be interrupted while they are read', async () => {
    const children = Array.from({ length: 30 }, (_, i) =>
      file(`f${i}`, 'x', { streams: streams(1).slice(0, 9000) }),
    )
    const target = writeRawWim(path.join(folders.folder(), 'slow.wim'), [{ root: folder(children) }])
    const wim = await openWim(target)
    const controller = new AbortController()
    setImmediate(() => setImmediate(() => controller.abort()))
    const error = await readTree(wim, 1, { signal: controller.signal }).catch((reason) => reason)
    await wim.close()
    expect(error).to.include({ code: 'INTERRUPTED' })
  })
})
