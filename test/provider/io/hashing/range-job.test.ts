import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { runRangeJob } from '../../../../provider/io/hashing/range-job.js'
import { scratch } from '../../../scratch.js'

const SIZE = 3 * 1024 * 1024 + 17

describe('one job of hashing', () => {
  const temporary = scratch()
  let file: string
  let bytes: Buffer

  beforeEach(() => {
    file = path.join(temporary.folder(), 'file')
    bytes = Buffer.alloc(SIZE, 'abcdefg')
    writeFileSync(file, bytes)
  })
  afterEach(() => temporary.remove())

  const job = (size: number, offset = 0) => ({
    source: { path: file, offset, size },
    algorithm: 'sha256' as const,
  })

  it('has a hash when it has read all, in however many steps', async () => {
    const steps: number[] = []
    const result = await runRangeJob(job(SIZE), (count) => steps.push(count) > 0)
    const hex = createHash('sha256').update(bytes).digest('hex')
    expect(result).to.deep.equal({ state: 'whole', hex })
    expect(steps.length).to.be.greaterThan(1)
    expect(steps.reduce((a, b) => a + b, 0)).to.equal(SIZE)
  })

  it('has no hash when it was stopped, after whichever step', async () => {
    for (let last = 1; last <= 3; last++) {
      let steps = 0
      expect(await runRangeJob(job(SIZE), () => ++steps < last)).to.deep.equal({ state: 'stopped' })
      expect(steps).to.equal(last)
    }
  })

  it('has the hash when it is told to stop after its last step: all of it was read', async () => {
    let left = SIZE
    const result = await runRangeJob(job(SIZE), (count) => {
      left -= count
      return left > 0
    })
    expect(result.state).to.equal('whole')
  })

  it('has no hash when the file ends, but the number of bytes that were there', async () => {
    for (const [offset, found] of [
      [1, SIZE - 1],
      [SIZE - 1, 1],
      [SIZE, 0],
    ] as const)
      expect(await runRangeJob(job(SIZE, offset), () => true)).to.deep.equal({ state: 'short', bytes: found })
  })

  it('has the hash of nothing for an empty range, wherever it lies', async () => {
    const hex = createHash('sha256').digest('hex')
    for (const offset of [0, 5, SIZE, SIZE + 5])
      expect(await runRangeJob(job(0, offset), () => true)).to.deep.equal({ state: 'whole', hex })
  })

  it('copies what it reads', async () => {
    const target = { path: `${file}.copy`, offset: 0, create: true, writesBack: true }
    await runRangeJob({ ...job(SIZE - 9, 9), target }, () => true)
    expect(readFileSync(target.path).equals(bytes.subarray(9))).to.equal(true)
  })
})
