import { existsSync } from 'node:fs'
import { expect } from 'chai'
import type { Line } from '../../scripts/windows/reporter.js'
import { judge } from '../../scripts/windows/verdict.js'
import { isRun, LEFT_OUT, NOT_RUN } from '../windows/left-out.js'

const FILE = 'test/a.test.ts'

describe('a run under Windows', () => {
  const line = (title: string, state: Line['state'], more: Partial<Line> = {}): Line => ({
    file: FILE,
    title,
    state,
    ...more,
  })
  const list = [{ file: FILE, tests: 'a link', why: 'x' }]

  it('counts what passed, what is left out, and what has no peers', () => {
    const lines = [
      line('a file is read', 'passed'),
      line('a link is read', 'failed', { error: 'EPERM' }),
      line('a link is written', 'pending'),
      line('a registry (missing: skopeo) is asked', 'pending'),
    ]
    expect(judge(lines, list, [FILE])).to.deep.equal({ passed: 1, failures: [], leftOut: 2, withoutPeers: 1 })
  })

  for (const [what, lines, said] of [
    ['fails', [line('a file is read', 'failed', { error: 'expected 1' })], /a file is read\n {2}expected 1/],
    [
      'is skipped and not on the list',
      [line('a file is read', 'pending')],
      /was skipped, and is not on the list/,
    ],
    ['is on the list and passes', [line('a link is read', 'passed')], /is on the list .*, and passes/],
    ['is on the list and gone', [], /test\/a.test.ts: a link\n {2}is on the list .*, and is not there/],
  ] as [string, Line[], RegExp][])
    it(`fails where a test ${what}`, () => {
      const others = what.includes('on the list and') ? [] : [line('a link is read', 'pending')]
      const { failures } = judge([line('another', 'passed'), ...others, ...lines], list, [FILE])
      expect(failures).to.have.length(1)
      expect(failures[0]).to.match(said)
    })

  it('fails where a file did not end', () => {
    const { failures } = judge([line('another', 'passed')], [], [FILE, 'test/b.test.ts'])
    expect(failures).to.deep.equal(['test/b.test.ts\n  did not end'])
  })

  it('does not begin what would tell nothing, and that is still there', () => {
    for (const [file, why] of Object.entries(NOT_RUN)) {
      expect(existsSync(file), file).to.equal(true)
      expect(why).to.match(/^[a-z].*[^.]$/)
      expect(isRun(file.endsWith('/') ? `${file}x.test.ts` : file)).to.equal(false)
    }
    expect(isRun('test/provider/copy/download.test.ts')).to.equal(true)
  })

  it('has a list of files that are there, each with its reason', () => {
    for (const { file, why } of LEFT_OUT) {
      expect(existsSync(file), file).to.equal(true)
      expect(why).to.match(/^[a-z].*[^.]$/)
    }
  })
})
