import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { hasCode } from '../../../manifests/index.js'
import { createRecovery, repair, verifyRecovery } from '../../../provider/recovery/index.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { differing, flip, writeFiles } from './sample-files.js'

describe('recovery files', () => {
  const { folder, remove } = scratch()
  afterEach(remove)

  async function made(sizes: Record<string, number>, sliceSize: number, redundancy = 0.2) {
    const place = folder()
    const files = writeFiles(place, sizes)
    const set = { files: [...files.keys()], folder: place, base: 'set', redundancy, sliceSize }
    const created = await createRecovery(set)
    return { place, files, set, created }
  }

  it('tell how many slices are missing where there are too few, and change nothing', async () => {
    const { place } = await made({ 'a.bin': 50_000, 'b.bin': 50_000 }, 1000)
    rmSync(path.join(place, 'a.bin'))
    flip(path.join(place, 'b.bin'), 1500)
    const before = readdirSync(place)
    const found = await verifyRecovery(place)
    expect(found).to.include({
      ...{ lostSlices: 51, recoverySlices: 20 },
      ...{ repairable: false, missingRecoverySlices: 31 },
    })
    expect(
      found.files.map(({ name, condition, lostSlices }) => [name, condition, lostSlices]),
    ).to.have.deep.members([
      ['a.bin', 'missing', 50],
      ['b.bin', 'damaged', 1],
    ])
    const error = await repair(place).catch((reason) => reason)
    expect(hasCode(error, 'RECOVERY_INSUFFICIENT')).to.equal(true)
    expect(error.message).to.contain('31 too few')
    expect(readdirSync(place)).to.deep.equal(before)
  })

  it('keep a damaged file where that is wanted', async () => {
    const { place, files } = await made({ 'a.bin': 20_000 }, 1000)
    flip(path.join(place, 'a.bin'), 7)
    const damaged = readFileSync(path.join(place, 'a.bin'))
    writeFileSync(path.join(place, 'a.bin.damaged'), 'of earlier')
    await repair(place, { keepDamaged: true })
    expect(differing(place, files)).to.deep.equal([])
    expect(readFileSync(path.join(place, 'a.bin.damaged'), 'utf8')).to.equal('of earlier')
    expect(readFileSync(path.join(place, 'a.bin.damaged.2')).equals(damaged)).to.equal(true)
  })

  it('give a renamed file its name back, and make an equal one of it', async () => {
    const { place, files } = await made({ 'a.bin': 20_000, 'b.bin': 20_000 }, 1000)
    // The same bytes in both need a set of their own.
    writeFileSync(path.join(place, 'b.bin'), files.get('a.bin') ?? '')
    files.set('b.bin', files.get('a.bin') ?? Buffer.alloc(0))
    await createRecovery({ files: ['a.bin', 'b.bin'], folder: place, base: 'set', force: true })
    rmSync(path.join(place, 'b.bin'))
    renameSync(path.join(place, 'a.bin'), path.join(place, 'c.bin'))
    const done = await repair(place)
    expect([done.renamed.length, done.repaired.length]).to.deep.equal([1, 1])
    expect(differing(place, files)).to.deep.equal([])
    expect(readdirSync(place)).not.to.include('c.bin')
  })

  it('survive damage to themselves, and say so', async () => {
    const { place, files } = await made({ 'a.bin': 100_000 }, 1000)
    const volumes = readdirSync(place).filter((name) => name.includes('.vol'))
    const largest = volumes.at(-1) ?? ''
    const size = statSync(path.join(place, largest)).size
    flip(path.join(place, largest), Math.floor(size / 2))
    writeFileSync(path.join(place, 'set.par2'), 'nothing of use')
    rmSync(path.join(place, 'a.bin'))
    writeFileSync(path.join(place, 'a.bin'), files.get('a.bin')?.subarray(5000) ?? '')
    const found = await verifyRecovery(path.join(place, 'set.par2'))
    expect(found.damagedRecoveryFiles).to.have.members(['set.par2', largest])
    expect(found.recoverySlices).to.equal(19)
    writeFileSync(path.join(place, 'a.bin'), files.get('a.bin')?.subarray(0, 85_000) ?? '')
    await repair(path.join(place, 'set.par2'))
    expect(differing(place, files)).to.deep.equal([])
  })

  it('of another set are named and not used', async () => {
    const { place, files } = await made({ 'a.bin': 20_000 }, 1000)
    writeFiles(place, { 'other.bin': 5000, 'a.bin': 20_000 })
    const other = await createRecovery({ files: ['other.bin'], folder: place, base: 'zzz', redundancy: 0.1 })
    writeFileSync(path.join(place, 'a.bin'), files.get('a.bin') ?? '')
    flip(path.join(place, 'a.bin'), 7)
    const found = await verifyRecovery(place)
    expect(found.otherSets.map(({ setId }) => setId)).to.deep.equal([other.setId])
    expect(found.otherSets[0]?.files).to.include('zzz.par2')
    await repair(place)
    expect(differing(place, files)).to.deep.equal([])
  })

  it('come to slices so large that they take several passes', async () => {
    const { place, files } = await made({ 'a.bin': 6_000_000, 'b.bin': 2_400_001 }, 2_500_004, 0.5)
    rmSync(path.join(place, 'b.bin'))
    flip(path.join(place, 'a.bin'), 5_999_999)
    await repair(place)
    expect(differing(place, files)).to.deep.equal([])
  })

  it('serve many small files', async () => {
    const sizes = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`file ${i}`, 10 + i]))
    const place = folder()
    const files = writeFiles(place, sizes)
    await createRecovery({ files: [...files.keys()], folder: place, base: 'set', redundancy: 0.1 })
    for (let i = 0; i < 300; i += 10) rmSync(path.join(place, `file ${i}`))
    expect((await repair(place)).repaired).to.have.lengthOf(30)
    expect(differing(place, files)).to.deep.equal([])
  })

  it('are not replaced without being asked to, and stale ones do not stay', async () => {
    const { place, set } = await made({ 'a.bin': 20_000 }, 1000, 0.5)
    const error = await createRecovery(set).catch((reason) => reason)
    expect(hasCode(error, 'FILE_EXISTS')).to.equal(true)
    await createRecovery({ ...set, redundancy: 0.1, force: true })
    expect(readdirSync(place).filter((name) => name.includes('.vol'))).to.deep.equal([
      'set.vol00+01.par2',
      'set.vol01+01.par2',
    ])
  })

  it('stay below a limit of their size', async () => {
    const { place, set } = await made({ 'a.bin': 200_000 }, 1000)
    await createRecovery({ ...set, fileSizeLimit: 20_000, force: true })
    const sizes = readdirSync(place)
      .filter((name) => name.endsWith('.par2'))
      .map((name) => statSync(path.join(place, name)).size)
    expect(Math.max(...sizes)).to.be.within(10_000, 20_000)
    expect((await verifyRecovery(place)).recoverySlices).to.equal(40)
    const error = await createRecovery({ ...set, fileSizeLimit: 5000, force: true }).catch((reason) => reason)
    expect(hasCode(error, 'CANNOT_MAKE')).to.equal(true)
  })

  it('refuse names of files elsewhere, folders, and sizes that PAR 2.0 does not have', async () => {
    const { place, set } = await made({ 'a.bin': 200_000 }, 1000)
    const attempt = async (changes: object): Promise<string> =>
      await createRecovery({ ...set, base: 'other', ...changes }).then(
        () => 'made',
        (error) => error.code,
      )
    expect(await attempt({ files: ['../a.bin'] })).to.equal('UNSAFE_NAME')
    expect(await attempt({ files: ['a.bin', 'A.BIN'] })).to.equal('UNSAFE_NAME')
    expect(await attempt({ base: 'x/y' })).to.equal('UNSAFE_NAME')
    expect(await attempt({ files: ['none'] })).to.equal('PATH_NOT_FOUND')
    expect(await attempt({ sliceSize: 1002 })).to.equal('CANNOT_MAKE')
    expect(await attempt({ sliceSize: 4 })).to.equal('CANNOT_MAKE')
    expect(await attempt({ redundancy: 0 })).to.equal('CANNOT_MAKE')
    expect(readdirSync(place).filter((name) => name.startsWith('other'))).to.deep.equal([])
  })

  it('leave nothing half when they are stopped', async () => {
    const { place, set } = await made({ 'a.bin': 4_000_000, 'b.bin': 100_000 }, 4000)
    const before = readdirSync(place)
    for (const task of ['Hashing', 'Making recovery files']) {
      const stop = new AbortController()
      const error = await createRecovery({
        ...{ ...set, base: 'other', signal: stop.signal },
        onProgress: (event) => event.type === 'begin' && event.task === task && stop.abort(),
      }).catch((reason) => reason)
      expect(hasCode(error, 'INTERRUPTED'), task).to.equal(true)
      expect(readdirSync(place)).to.deep.equal(before)
    }
    flip(path.join(place, 'a.bin'), 1)
    const damaged = readFileSync(path.join(place, 'a.bin'))
    for (const task of ['Checking files', 'Repairing']) {
      const stop = new AbortController()
      const onProgress = (event: { type: string; task?: string }): unknown =>
        event.type === 'begin' && event.task === task && stop.abort()
      const error = await repair(place, { signal: stop.signal, onProgress }).catch((reason) => reason)
      expect(hasCode(error, 'INTERRUPTED'), task).to.equal(true)
      expect(readdirSync(place)).to.deep.equal(before)
      expect(readFileSync(path.join(place, 'a.bin')).equals(damaged)).to.equal(true)
    }
  })
})

describeWithPeers(['par2'], 'recovery files and empty files', () => {
  const { folder, remove } = scratch()
  afterEach(remove)

  it('leave these out, as par2 takes them for damaged', async () => {
    const place = folder()
    writeFiles(place, { 'a.bin': 20_000, empty: 0 })
    const set = { folder: place, base: 'set', redundancy: 0.2 }
    const made = await createRecovery({ ...set, files: ['a.bin', 'empty'] })
    expect(made.emptyFiles).to.deep.equal(['empty'])
    runPeer('par2', ['verify', '-q', '-q', path.join(place, 'set.par2')])
    const error = await createRecovery({ ...set, files: ['empty'], force: true }).catch((reason) => reason)
    expect(hasCode(error, 'CANNOT_MAKE')).to.equal(true)
  })
})
