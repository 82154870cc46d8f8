import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { checkSums } from '../../../../provider/formats/volumes/check-sums.js'
import { findSet } from '../../../../provider/formats/volumes/volume-set.js'
import { install, save, verify } from '../../../../provider/index.js'
import { Hasher } from '../../../../provider/io/hashing/hasher.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

/** Volumes and layers of more than this are hashed on other threads. */
const ON_THREADS = 8 * 1024 * 1024
const VOLUME = 11_000_000

/** Installing them fails at a layer, and the hashes of the others are ended in the middle. */
describe('volumes of large layers of which one is damaged', () => {
  const temporary = scratch()
  let original: string
  let stick: string
  let store: string

  before(async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    original = path.join(folder, 'original')
    mkdirSync(original)
    const sizes = [9_000_000, 16_000_000, 15_000_000, 14_000_000]
    makeLayout(
      layout,
      sizes.map((size, i) => ({
        refName: `base:1.${i}`,
        layers: [{ files: { size }, compression: 'none' }],
      })),
    )
    await save({ names: [layout], path: original, volumeSize: VOLUME, recovery: 0.5 })
    expect(volumes(original)).to.have.length.greaterThan(4)
  })
  beforeEach(() => {
    const folder = temporary.folder()
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    mkdirSync(stick)
    for (const name of readdirSync(original))
      writeFileSync(path.join(stick, name), readFileSync(path.join(original, name)))
  })
  after(() => temporary.remove())

  function volumes(folder: string): string[] {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.tar'))
      .sort()
      .map((name) => path.join(folder, name))
  }

  function damage(file: string, at: number): void {
    const bytes = readFileSync(file)
    bytes.fill(0xa5, at, at + 64)
    writeFileSync(file, bytes)
  }

  function withoutRecovery(): void {
    for (const name of readdirSync(stick)) if (name.endsWith('.par2')) rmSync(path.join(stick, name))
  }

  for (const number of [1, 2, 4])
    it(`are repaired and installed, volume ${number} alone being bad`, async () => {
      const bad = volumes(stick)[number - 1] ?? ''
      damage(bad, 5_000_000)
      const notes: string[] = []
      const onProgress = (event: { type: string; message?: string }): void => {
        if (event.type === 'note') notes.push(event.message ?? '')
      }
      const { images } = await install({ targets: [stick], store, onProgress })
      expect(images).to.have.length(4)
      expect(notes.join('\n')).to.contain(`Repaired with recovery files: ${path.basename(bad)}.`)
      expect((await verify({ store })).problems).to.deep.equal([])
    })

  for (const number of [1, 3])
    it(`are told, volume ${number} alone, where nothing can repair it`, async () => {
      withoutRecovery()
      const bad = volumes(stick)[number - 1] ?? ''
      damage(bad, 5_000_000)
      const error = await failure(install({ targets: [stick], store }), 'VOLUME_DAMAGED')
      expect(error.details?.volumes).to.deep.equal([number])
    })

  it('are compared with their sums whole, after a hash that was ended', async () => {
    const bad = volumes(stick)[1] ?? ''
    damage(bad, 8_500_000)
    const hasher = new Hasher(2)
    try {
      const controller = new AbortController()
      const [first = ''] = volumes(stick)
      const source = { path: first, offset: 0, size: ON_THREADS + 1 }
      const ended = hasher.run({ source, algorithm: 'sha256' }, { signal: controller.signal })
      controller.abort()
      await failure(ended, 'INTERRUPTED')
      const set = await findSet(stick)
      if (!set) throw new Error('no set')
      expect((await checkSums(set, { hasher })).map((problem) => problem.path)).to.deep.equal([bad])
    } finally {
      await hasher.close()
    }
  })

  it('are damaged where they lost their end after they were found, and where they have no sum', async () => {
    const set = await findSet(stick)
    if (!set) throw new Error('no set')
    const [first = '', second = ''] = volumes(stick)
    truncateSync(first, 9_000_000)
    damage(second, readFileSync(second).lastIndexOf('volume.sha256'))
    const hasher = new Hasher(2)
    try {
      const problems = await checkSums(set, { hasher })
      expect(problems.map((problem) => problem.path)).to.have.members([first, second])
      for (const { expected, found } of problems)
        expect({ expected, found }).to.deep.equal({ expected: 'a sum at its end', found: 'none' })
    } finally {
      await hasher.close()
    }
  })
})
