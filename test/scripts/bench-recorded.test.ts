import { expect } from 'chai'
import { movedRows } from '../../scripts/bench/recorded.js'
import type { Result } from '../../scripts/bench/result.js'
import { keepPeak, keepRows, measuredRows, type Row } from '../../scripts/bench/rows.js'

const row = (least: number, median: number, greatest: number): Row => ({
  seconds: { least, median, greatest },
})
const now = (one: Row): Map<string, Row> => new Map([['verify', one]])
const seconds = (title: string, ...values: number[]): Result => ({
  title,
  runs: values.map((one) => ({ seconds: one, processor: 0, peak: 0 })),
})

describe('a bench beside what was recorded', () => {
  const before = { verify: row(0.9, 1, 1.1) }

  it('tells a row that is slower or faster by more than its runs differ', () => {
    expect(movedRows(before, now(row(1.2, 1.3, 1.4)))).to.have.nested.property('[0].isSlower', true)
    expect(movedRows(before, now(row(0.5, 0.6, 0.7)))).to.have.nested.property('[0].isSlower', false)
  })

  it('does not tell one whose runs overlap with those of before', () => {
    expect(movedRows(before, now(row(0.95, 1.15, 1.3)))).to.deep.equal([])
    expect(movedRows(before, now(row(0.7, 0.85, 1.2)))).to.deep.equal([])
    expect(movedRows(before, new Map())).to.deep.equal([])
  })

  it('tells a peak of memory that is higher than those of before', () => {
    const peaks = (...values: number[]): Map<string, Row> => {
      measuredRows.clear()
      keepPeak(
        'a layer',
        values.map((peak) => ({ seconds: 1, processor: 1, peak })),
        100,
      )
      return new Map(measuredRows)
    }
    const recorded = Object.fromEntries(peaks(90, 100, 110))
    expect(recorded).to.deep.equal({ 'a layer': { memory: { least: 0.9, median: 1, greatest: 1.1 } } })
    expect(movedRows(recorded, peaks(150, 160, 170))).to.have.nested.property('[0].what', 'memory')
    expect(movedRows(recorded, peaks(95, 105, 170))).to.deep.equal([])
    expect(peaks(0, 0).size).to.equal(0)
  })

  it('has the ratio of each round to each peer', () => {
    measuredRows.clear()
    keepRows('verify', [seconds('ours', 2, 3, 4), seconds('openssl', 1, 2, 4), seconds('sha256sum', 4, 4, 4)])
    expect(Object.fromEntries(measuredRows)).to.deep.equal({
      'verify, beside openssl': row(1, 1.5, 2),
      'verify, beside sha256sum': row(0.5, 0.75, 1),
    })
    measuredRows.clear()
  })
})
