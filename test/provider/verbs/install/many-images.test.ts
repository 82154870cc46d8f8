import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, save } from '../../../../provider/index.js'
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

  it('writes the index of the store once for all of their names', async () => {
    for (const count of [2, 8]) {
      const store = path.join(temporary.folder(), 'store')
      await install({ targets: [layoutOf(1)], store })
      const { indexes } = await workOf(() => install({ targets: [layoutOf(count)], store }))
      expect(indexes).to.equal(1)
      expect((await get({ store })).length).to.be.at.least(2 * count)
    }
  })
})
