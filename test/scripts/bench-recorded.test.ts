import { expect } from 'chai'
import { movedRows } from '../../scripts/bench/recorded.js'
import type { Result } from '../../scripts/bench/result.js'
import { keepRows, measuredRows, type Row } from '../../scripts/bench/rows.js'

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
