import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, save, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { killAt, runToEnd, seededRandom, timed } from './killing.js'

const KILLS = 8

describe('what is carried, killed at random moments (kill -9)', () => {
  const temporary = scratch()
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  let layout: string
  let stick: string

  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    const sizes = [26_000_000, 9_000_000, 4_000_000]
    makeLayout(layout, [
      {
        refName: 'base:1.0',
        layers: sizes.map((size, i) => ({ files: { [`file${i}`]: size }, compression: 'none' })),
      },
    ])
  })
  beforeEach(() => {
    stick = path.join(temporary.folder(), 'stick')
    mkdirSync(stick)
  })
  after(() => temporary.remove())

  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(`CRASH_SEED=${seed}`)
  })

  /** Kills a run again and again, each time after a part of the time that it takes; then lets it end. */
  async function killedOften(verb: string, request: object, alone: object): Promise<void> {
    const whole = await timed(() => runToEnd(verb, alone))
    for (let kills = 0; kills < KILLS; kills++) await killAt(verb, request, whole * (0.3 + random() * 0.7))
    await runToEnd(verb, request)
  }

  it('a media is whole after the next run', async () => {
    const request = { names: [layout], format: 'media' }
    const elsewhere = path.join(temporary.folder(), 'timed')
    await killedOften('save', { ...request, path: stick }, { ...request, path: elsewhere, force: true })
    expect((await verify({ paths: [stick] })).problems, `seed ${seed}`).to.deep.equal([])
    expect(readdirSync(stick)).to.have.members([
      'SHA256SUMS',
      'blobs',
      'index.html',
      'index.json',
      'media.json',
      'oci-layout',
    ])
  })

  it('volumes are those of a run that nobody disturbed', async () => {
    const request = { names: [layout], volumeSize: 10_000_000 }
    const elsewhere = path.join(temporary.folder(), 'timed')
    await killedOften('save', { ...request, path: stick }, { ...request, path: elsewhere, force: true })
    expect(filesIn(stick), `seed ${seed}`).to.deep.equal(filesIn(elsewhere))
  })

  it('a set whose volumes arrive one by one is installed whole', async () => {
    await save({ names: [layout], path: stick, volumeSize: 10_000_000 })
    const [first = '', ...others] = readdirSync(stick).sort()
    const slot = path.join(temporary.folder(), 'slot')
    mkdirSync(slot)
    const store = path.join(temporary.folder(), 'store')
    const request = { targets: [slot], store }
    // Without the first, every run takes what is there and ends with what is missing.
    for (const name of others)
      await save({ names: [layout], path: slot, volumeSize: 10_000_000, onlyVolume: numberOf(name) })
    for (let kills = 0; kills < KILLS; kills++) await killAt('install', request, 150 + random() * 500)
    await save({ names: [layout], path: slot, volumeSize: 10_000_000, onlyVolume: numberOf(first) })
    for (let kills = 0; kills < KILLS; kills++) await killAt('install', request, 150 + random() * 500)
    await runToEnd('install', request)
    expect((await verify({ store })).problems, `seed ${seed}`).to.deep.equal([])
    expect((await get({ store })).map((image) => image.tag)).to.deep.equal(['1.0', 'latest'])
    expect(readdirSync(path.join(store, 'ingest')), `seed ${seed}`).to.deep.equal([])
    rmSync(slot, { recursive: true })
  })

  it('recovery files are whole after the next run, and so is what they repair', async () => {
    const small = path.join(temporary.folder(), 'layout')
    makeLayout(small, [
      { refName: 'small:1.0', layers: [{ files: { size: 9_000_000 }, compression: 'none' }] },
    ])
    const request = { names: [small], volumeSize: 3_000_000, recovery: 0.4 }
    const elsewhere = path.join(temporary.folder(), 'timed')
    await killedOften(
      'save',
      { ...request, path: stick, force: true },
      { ...request, path: elsewhere, force: true },
    )
    const whole = filesIn(elsewhere)
    expect(filesIn(stick), `seed ${seed}`).to.deep.equal(whole)
    const lost = Object.keys(whole).filter((name) => name.endsWith('.tar'))[1] ?? ''
    rmSync(path.join(stick, lost))
    const repair = { paths: [stick], repair: true }
    for (let kills = 0; kills < KILLS; kills++) await killAt('verify', repair, 100 + random() * 400)
    await runToEnd('verify', repair)
    expect(filesIn(stick), `seed ${seed}`).to.deep.equal(whole)
  })
})

function numberOf(name: string): number {
  return Number(/vol(\d+)of/.exec(name)?.[1])
}
