import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, inventory, mediaStatus, readReceipts, save, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { killAt, runToEnd, seededRandom, timed } from './killing.js'

const KILLS = 10

describe('deltas and receipts, killed at random moments (kill -9)', () => {
  const temporary = scratch()
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  let folder: string
  let layouts: string[]
  let base: string

  before(async () => {
    folder = temporary.folder()
    const layers = [30_000_000, 12_000_000].map((size) => ({
      files: { file: randomBytes(size) },
      compression: 'none' as const,
    }))
    layouts = layers.map((_, i) => {
      const layout = path.join(folder, `layout-${i}`)
      makeLayout(layout, [{ refName: `base:1.${i}`, layers: layers.slice(0, i + 1) }])
      return layout
    })
    const store = path.join(folder, 'store')
    await install({ store, targets: [layouts[0] ?? ''] })
    base = path.join(folder, 'base.json')
    await inventory({ store, path: base })
  })
  after(() => temporary.remove())

  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(`CRASH_SEED=${seed}`)
  })

  it('a delta is the one of a run that nobody disturbed', async () => {
    for (const format of ['oci-archive', 'media']) {
      const [stick, elsewhere] = [path.join(folder, format), path.join(folder, `${format}-timed`)]
      for (const place of [stick, elsewhere]) mkdirSync(place)
      const request = { names: [layouts[1]], base: [base], format }
      const whole = await timed(() => runToEnd('save', { ...request, path: elsewhere }))
      for (let kills = 0; kills < KILLS; kills++)
        await killAt('save', { ...request, path: stick }, whole * (0.3 + random() * 0.7))
      await runToEnd('save', { ...request, path: stick })
      if (format === 'media')
        expect((await verify({ paths: [stick] })).problems, `seed ${seed}`).to.deep.equal([])
      else expect(filesIn(stick), `seed ${seed}`).to.deep.equal(filesIn(elsewhere))
    }
  })

  it('an install with a receipt ends well when it is run again, and its log is whole at every moment', async () => {
    const store = path.join(folder, 'store')
    const media = path.join(folder, 'sent')
    mkdirSync(media)
    await save({ names: [layouts[1] ?? ''], path: media, format: 'media', base: [base] })
    const request = { store, targets: [media], receipt: media }
    for (let kills = 0; kills < KILLS; kills++) {
      await killAt('install', request, 100 + random() * 500)
      await readReceipts({ store })
      if (existsSync(path.join(media, 'receipts'))) await mediaStatus({ path: media })
    }
    await runToEnd('install', request)
    expect((await verify({ store, paths: [] })).problems, `seed ${seed}`).to.deep.equal([])
    expect((await get({ store })).map((image) => image.tag)).to.include.members(['1.0', '1.1', 'latest'])
    const { hosts } = await mediaStatus({ path: media })
    expect(hosts.map(({ images }) => images[0]?.state)).to.deep.equal(['delivered'])
    expect((await verify({ paths: [media] })).problems, `seed ${seed}`).to.deep.equal([])
  })
})
