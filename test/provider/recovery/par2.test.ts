import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { createRecovery, repair, verifyRecovery } from '../../../provider/recovery/index.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { differing, flip, writeFiles } from './sample-files.js'

const SIZES = { 'one.bin': 300_001, 'two.bin': 65_536, 'three.txt': 777, 'vier größe.bin': 40_000 }
const NAMES = Object.keys(SIZES)
const SETS = [
  { title: 'usual slices', sliceSize: undefined, redundancy: 0.3 },
  { title: 'small slices', sliceSize: 500, redundancy: 0.35 },
  { title: 'slices larger than a file', sliceSize: 100_000, redundancy: 1 },
  { title: 'slices of an odd number of words', sliceSize: 4004, redundancy: 0.5 },
]

/** Ways to lose bytes that the recovery slices of each set above make good. */
const DAMAGES: Record<string, (folder: string) => void> = {
  'flipped bytes': (folder) => {
    for (const position of [0, 150_000, 300_000]) flip(path.join(folder, 'one.bin'), position)
  },
  'a deleted file': (folder) => rmSync(path.join(folder, 'vier größe.bin')),
  'a truncated file': (folder) => truncateSync(path.join(folder, 'two.bin'), 20_000),
  'bytes too many': (folder) => {
    const file = path.join(folder, 'three.txt')
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('more')]))
  },
  'a file that is empty now': (folder) => truncateSync(path.join(folder, 'three.txt'), 0),
  'a renamed file': (folder) =>
    renameSync(path.join(folder, 'two.bin'), path.join(folder, 'Copy of two.bin')),
}

describeWithPeers(['par2'], 'recovery files, beside par2', () => {
  const { folder, remove } = scratch()
  afterEach(remove)

  for (const { title, sliceSize, redundancy } of SETS) {
    it(`are verified and used by it: ${title}`, async () => {
      const place = folder()
      const files = writeFiles(place, SIZES)
      const size = sliceSize === undefined ? {} : { sliceSize }
      await createRecovery({ files: NAMES, folder: place, base: 'set', redundancy, ...size })
      const index = path.join(place, 'set.par2')
      runPeer('par2', ['verify', '-q', '-q', index])
      for (const damage of Object.values(DAMAGES)) {
        damage(place)
        runPeer('par2', ['repair', '-q', '-q', index])
        expect(differing(place, files)).to.deep.equal([])
        restore(place, files)
      }
    })

    it(`of its own are verified and used here: ${title}`, async () => {
      const place = folder()
      const files = writeFiles(place, SIZES)
      createWithPeer(place, redundancy * 100, sliceSize ?? 4096)
      const index = path.join(place, 'set.par2')
      const whole = await verifyRecovery(index)
      expect(whole.files.map(({ condition }) => condition)).to.deep.equal(NAMES.map(() => 'whole'))
      expect(whole).to.include({ lostSlices: 0, repairable: true, missingRecoverySlices: 0 })
      for (const [name, damage] of Object.entries(DAMAGES)) {
        damage(place)
        const before = await verifyRecovery(place)
        expect(before.files.filter(({ condition }) => condition !== 'whole')).to.have.lengthOf(1)
        expect(before.repairable, name).to.equal(true)
        await repair(index)
        expect(differing(place, files), name).to.deep.equal([])
        expect(leftOver(place)).to.deep.equal([])
        restore(place, files)
      }
    })
  }

  it('are the same as its own, so that both can be mixed', async () => {
    const place = folder()
    const files = writeFiles(place, SIZES)
    await createRecovery({ files: NAMES, folder: place, base: 'ours', redundancy: 0.2, sliceSize: 1000 })
    createWithPeer(place, 20, 1000)
    const [ours, theirs] = await Promise.all(
      ['ours', 'set'].map((base) => verifyRecovery(path.join(place, `${base}.par2`))),
    )
    expect(ours?.setId).to.equal(theirs?.setId)
    expect(ours?.recoverySlices).to.equal(theirs?.recoverySlices)
    for (const name of readdirSync(place))
      if (/^ours.vol(00|03|15|31)|^set.vol(01|07|63)/.test(name)) rmSync(path.join(place, name))
    flip(path.join(place, 'one.bin'), 1)
    rmSync(path.join(place, 'two.bin'))
    expect((await repair(place)).repaired).to.have.members(['one.bin', 'two.bin'])
    expect(differing(place, files)).to.deep.equal([])
  })
})

function createWithPeer(place: string, percent: number, sliceSize: number): void {
  const names = NAMES.map((name) => path.join(place, name))
  const index = path.join(place, 'set.par2')
  runPeer('par2', ['create', '-q', '-q', `-r${percent}`, `-s${sliceSize}`, index, ...names])
}

function restore(place: string, files: Map<string, Buffer>): void {
  for (const name of readdirSync(place)) if (!/\.par2$/.test(name)) rmSync(path.join(place, name))
  for (const [name, content] of files) writeFileSync(path.join(place, name), content)
}

function leftOver(place: string): string[] {
  return readdirSync(place).filter((name) => /part|new|damaged/.test(name))
}
