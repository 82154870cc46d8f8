import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { expect } from 'chai'
import { get, inspect, install, save, tagAll, untagAll } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const fs: typeof import('node:fs') = createRequire(import.meta.url)('node:fs')

interface Work {
  /** How often a blob was opened to be read, wherever it lies. */
  reads: number
  /** How often an index got its name. */
  indexes: number
}

async function workOf(run: () => Promise<unknown>): Promise<Work> {
  const { open, rename } = fs.promises
  const done: Work = { reads: 0, indexes: 0 }
  fs.promises.open = async (...given) => {
    if (/blobs.sha256.[0-9a-f]{64}$/.test(String(given[0]))) done.reads++
    return await open(...given)
  }
  fs.promises.rename = async (...given) => {
    if (path.basename(String(given[1])) === 'index.json') done.indexes++
    await rename(...given)
  }
  syncBuiltinESMExports()
  try {
    await run()
  } finally {
    Object.assign(fs.promises, { open, rename })
    syncBuiltinESMExports()
  }
  return done
}

function idOf({ id }: { id: string }): string {
  return id.slice('sha256:'.length, 'sha256:'.length + 12)
}

describe('many images at once', () => {
  const temporary = scratch()

  afterEach(() => temporary.remove())

  function layoutOf(count: number): string {
    const layout = path.join(temporary.folder(), 'layout')
    const images = Array.from({ length: count }, (_, i) => ({
      refName: `app${i}:1.0`,
      layers: [{ files: { name: `app${i}` } }],
    }))
    makeLayout(layout, images)
    return layout
  }

  /** What two more, and four more, images cost beyond the first two. */
  async function growth(work: (layout: string, folder: string) => Promise<unknown>): Promise<number[]> {
    const reads: number[] = []
    for (const count of [4, 8, 16]) {
      const layout = layoutOf(count)
      const folder = temporary.folder()
      reads.push((await workOf(() => work(layout, folder))).reads)
    }
    const [few = 0, more = 0, many = 0] = reads
    return [more - few, many - more]
  }

  it('reads the documents of each as often, however many there are', async () => {
    const [first = 0, second = 0] = await growth((layout, folder) =>
      install({ targets: [layout], store: path.join(folder, 'store') }),
    )
    expect(second).to.equal(2 * first)
  })

  it('does so where all are installed already', async () => {
    const [first = 0, second = 0] = await growth(async (layout, folder) => {
      const request = { targets: [layout], store: path.join(folder, 'store') }
      await install(request)
      await install(request)
    })
    expect(second).to.equal(2 * first)
  })

  it('does so where they are saved on a media', async () => {
    const [first = 0, second = 0] = await growth((layout, folder) =>
      save({ names: [layout], path: path.join(folder, 'media'), format: 'media', force: true }),
    )
    expect(second).to.equal(2 * first)
  })

  it('reads nothing of what is installed when one more comes', async () => {
    const reads: number[] = []
    for (const count of [2, 12]) {
      const folder = temporary.folder()
      const store = path.join(folder, 'store')
      await install({ targets: [layoutOf(count)], store })
      makeLayout(path.join(folder, 'more'), [{ refName: 'more:1.0', layers: [{ files: { more: 'more' } }] }])
      reads.push((await workOf(() => install({ targets: [path.join(folder, 'more')], store }))).reads)
    }
    expect(reads[1]).to.equal(reads[0])
  })

  it('reads the documents of each as often where each has a file of its own', async () => {
    const reads: number[] = []
    for (const count of [2, 4, 8]) {
      const store = path.join(temporary.folder(), 'store')
      const layouts = Array.from({ length: count }, (_, i) => {
        const layout = path.join(temporary.folder(), `layout-${i}`)
        const base = { files: { base: 'the same below all' } }
        makeLayout(layout, [{ refName: `app${i}:1.0`, layers: [base, { files: { name: `app${i}` } }] }])
        return layout
      })
      reads.push((await workOf(() => install({ targets: layouts, store }))).reads)
    }
    const [few = 0, more = 0, many = 0] = reads
    expect(many - more).to.equal(2 * (more - few))
  })

  it('writes the index of the store once for a hundred files of their own, and a second time for as many more', async () => {
    const layouts = Array.from({ length: 110 }, (_, i) => {
      const layout = path.join(temporary.folder(), `layout-${i}`)
      makeLayout(layout, [{ refName: `app${i}:1.0`, layers: [{ files: { name: `app${i}` } }] }])
      return layout
    })
    for (const [count, writes] of [
      [2, 1],
      [20, 1],
      [110, 2],
    ] as const) {
      const store = path.join(temporary.folder(), 'store')
      const { indexes } = await workOf(() => install({ targets: layouts.slice(0, count), store }))
      // A new store begins with an empty index.
      expect(indexes - 1).to.equal(writes)
    }
  })

  it('writes the index of the store once for all of their names', async () => {
    for (const count of [2, 8]) {
      const store = path.join(temporary.folder(), 'store')
      await install({ targets: [layoutOf(1)], store })
      const { indexes } = await workOf(() => install({ targets: [layoutOf(count)], store }))
      expect(indexes).to.equal(1)
      expect((await get({ store })).length).to.be.at.least(2 * count)
    }
  })
  /** A store with so many images, and the names of all. */
  async function stored(count: number): Promise<{ store: string; names: string[] }> {
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [layoutOf(count)], store })
    return { store, names: Array.from({ length: count }, (_, i) => `app${i}:1.0`) }
  }

  it('reads the documents of each as often where they are looked at by their names', async () => {
    const reads: number[] = []
    for (const count of [4, 8, 16]) {
      const { store, names } = await stored(count)
      reads.push((await workOf(() => inspect({ names, store }))).reads)
    }
    const [few = 0, more = 0, many = 0] = reads
    expect(many - more).to.equal(2 * (more - few))
  })

  it('does so where they are saved by their names, or by their ids', async () => {
    for (const of of [(row: { repository: string; tag: string }) => `${row.repository}:${row.tag}`, idOf]) {
      const reads: number[] = []
      for (const count of [4, 8, 16]) {
        const { store } = await stored(count)
        const names = (await get({ store })).filter(({ tag }) => tag === '1.0').map(of)
        const file = path.join(temporary.folder(), `${count}.tar`)
        reads.push((await workOf(() => save({ names, store, path: file }))).reads)
      }
      const [few = 0, more = 0, many = 0] = reads
      expect(many - more).to.equal(2 * (more - few))
    }
  })

  it('writes the index of the store once for all names that are given or taken away', async () => {
    const { store } = await stored(3)
    const given = Array.from({ length: 20 }, (_, i) => `other${i}:2`)
    const tagged = await workOf(() => tagAll({ from: 'app1:1.0', to: [...given, 'app2:1.0'], store }))
    expect(tagged.indexes).to.equal(1)
    const rows = await get({ store })
    expect(new Set(rows.filter(({ tag }) => tag === '2').map(({ digest }) => digest)).size).to.equal(1)
    expect(rows.filter(({ tag }) => tag === '2')).to.have.length(20)
    const untagged = await workOf(() => untagAll({ names: [...given, 'other3'].slice(0, 20), store }))
    expect(untagged.indexes).to.equal(1)
    expect((await get({ store })).filter(({ tag }) => tag === '2')).to.deep.equal([])
  })
})
