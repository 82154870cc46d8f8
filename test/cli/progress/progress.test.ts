import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { coloursFor } from '../../../cli/output/colours.js'
import { displayFor } from '../../../cli/progress/display-for.js'
import { blobLines, progressLine, summaryLine, taskLines } from '../../../cli/progress/lines.js'
import { PlainDisplay } from '../../../cli/progress/plain.js'
import { SlidingRate } from '../../../cli/progress/rate.js'
import { Work } from '../../../cli/progress/work.js'

describe('the rate of a copy', () => {
  it('follows the last seconds and forgets what was before', () => {
    const rate = new SlidingRate(5000)
    for (let at = 0; at <= 10_000; at += 100) rate.add(1_000_000, at)
    for (let at = 10_100; at <= 16_000; at += 100) rate.add(1000, at)
    expect(rate.perSecond(16_000)).to.be.within(9_000, 11_000)
  })

  it('falls while nothing moves, and is nothing in the end', () => {
    const rate = new SlidingRate(5000)
    for (let at = 0; at <= 1000; at += 100) rate.add(100, at)
    const before = rate.perSecond(1000)
    expect(rate.perSecond(3000)).to.be.below(before / 2)
    expect(rate.perSecond(10_000)).to.equal(0)
  })

  it('is not told from a single moment', () => {
    const rate = new SlidingRate()
    rate.add(1_000_000, 50)
    expect(rate.perSecond(60)).to.equal(0)
  })
})

describe('how far a task is', () => {
  function half(): Work {
    const work = new Work('Saving debian 12.5', 100_000_000, 0)
    work.see({ type: 'blob', id: 'a', label: 'aaaaaaaaaaaa', size: 80_000_000 }, 0)
    work.see({ type: 'blob', id: 'b', label: 'bbbbbbbbbbbb', size: 20_000_000 }, 0)
    work.see({ type: 'bytes', id: 'b', count: 10_000_000, kind: 'reused' }, 0)
    for (let at = 100; at <= 4000; at += 100)
      work.see({ type: 'bytes', id: 'a', count: 1_000_000, kind: 'copied' }, at)
    return work
  }

  it('is said with bytes, rate and time left', () => {
    const work = half()
    expect(progressLine(work, 4000)).to.match(
      /^Saving debian 12\.5: 50\.00 MB of 100\.00 MB \(50 %\), 10\.\d\d MB\/s, 4\.\d s left$/,
    )
  })

  it('does not take what was there already for speed', () => {
    const work = new Work('x', 100, 0)
    work.see({ type: 'bytes', id: 'a', count: 50, kind: 'reused' }, 0)
    work.see({ type: 'bytes', id: 'a', count: 50, kind: 'reused' }, 1000)
    expect(progressLine(work, 1000)).to.equal('x: 100 B of 100 B (100 %)')
  })

  it('is said without a part of the whole where that is not known', () => {
    const work = new Work('Fetching x', 0, 0)
    work.see({ type: 'bytes', id: 'a', count: 5000, kind: 'copied' }, 100)
    expect(progressLine(work, 100)).to.equal('Fetching x: 5.00 kB')
  })

  it('has a line for each running blob, and counts those for which there is no room', () => {
    const work = half()
    expect(blobLines(work, 80, 10)).to.deep.equal([
      '  aaaaaaaaaaaa             [==========          ] 40.00 MB of 80.00 MB',
      '  bbbbbbbbbbbb             [==========          ] 10.00 MB of 20.00 MB',
    ])
    expect(blobLines(work, 80, 1)[1]).to.equal('  and 1 more')
    expect(blobLines(work, 40, 1)[0]).to.equal('  aaaaaaaaaaaa 40.00 MB of 80.00 MB')
    expect(blobLines(work, 20, 1)[0]).to.have.length(20)
    work.see({ type: 'blob-end', id: 'a' }, 4000)
    expect(blobLines(work, 80, 10)).to.have.length(1)
  })

  it('keeps its numbers in sight on a narrow terminal', () => {
    const lines = taskLines(half(), 4000, 60)
    expect(lines).to.have.length(2)
    expect(lines[0]).to.equal('Saving debian 12.5:')
    expect(lines[1]).to.match(/^ {2}50\.00 MB of 100\.00 MB \(50 %\), 10\.\d\d MB\/s, /)
    expect(taskLines(half(), 4000, 100)).to.have.length(1)
  })

  it('comes to a summary', () => {
    expect(summaryLine(half(), 4000)).to.equal(
      'Saving debian 12.5: 40.00 MB in 4.0 s (10.00 MB/s), 10.00 MB reused',
    )
  })
})

describe('progress where there is no terminal', () => {
  function watched() {
    const lines: string[] = []
    let at = 0
    const display = new PlainDisplay(
      (line) => lines.push(line),
      () => at,
    )
    return { lines, display, wait: (milliseconds: number) => (at += milliseconds) }
  }

  it('is not a line at all for work of a moment', () => {
    const { lines, display, wait } = watched()
    display.show({ type: 'begin', task: 'Saving x', total: 1000 })
    for (let i = 0; i < 10; i++) {
      wait(20)
      display.show({ type: 'bytes', id: 'a', count: 100, kind: 'copied' })
    }
    display.show({ type: 'end', task: 'Saving x' })
    expect(lines).to.deep.equal([])
  })

  it('is a line for each tenth of longer work', () => {
    const { lines, display, wait } = watched()
    display.show({ type: 'begin', task: 'x', total: 100_000 })
    for (let i = 0; i < 1000; i++) {
      wait(20)
      display.show({ type: 'bytes', id: 'a', count: 100, kind: 'copied' })
    }
    display.show({ type: 'end', task: 'x' })
    expect(lines).to.have.length(1 + 9 + 1)
    expect(lines[0]).to.match(/^x: 5\.\d\d kB of 100\.00 kB/)
    expect(lines[1]).to.match(/^x: 10\.00 kB of 100\.00 kB \(10 %\), 5\.\d\d kB\/s, 1\d s left$/)
  })

  it('is a line every ten seconds of work that takes hours', () => {
    const { lines, display, wait } = watched()
    display.show({ type: 'begin', task: 'x', total: 1e12 })
    for (let i = 0; i < 60; i++) {
      wait(1000)
      display.show({ type: 'bytes', id: 'a', count: 1000, kind: 'copied' })
    }
    expect(lines).to.have.length(1 + 6)
  })

  it('takes a second beginning of the same task for its total', () => {
    const { lines, display, wait } = watched()
    display.show({ type: 'begin', task: 'x', total: 0 })
    display.show({ type: 'begin', task: 'x', total: 10 })
    wait(1000)
    display.show({ type: 'bytes', id: 'a', count: 10, kind: 'copied' })
    display.show({ type: 'end', task: 'x' })
    expect(lines).to.have.length(2)
    expect(lines[0]).to.match(/^x: 10 B of 10 B \(100 %\)/)
    expect(lines[1]).to.match(/^x: 10 B in 1\.0 s/)
  })

  it('has no summary of work that did not end well', () => {
    const { lines, display, wait } = watched()
    display.show({ type: 'begin', task: 'x', total: 10 })
    wait(1000)
    display.show({ type: 'bytes', id: 'a', count: 5, kind: 'copied' })
    display.show({ type: 'end', task: 'x' })
    expect(lines).to.have.length(1)
  })
})

describe('the choice of a display', () => {
  const plain = coloursFor({}, {})

  it('shows notes alone without progress, and nothing at all with --quiet', () => {
    for (const [settings, shown] of [
      [{ quiet: false, progress: false }, 'careful\n'],
      [{ quiet: true, progress: false }, ''],
    ] as const) {
      const stderr = new PassThrough()
      const display = displayFor({ stderr, env: {} }, plain, settings)
      display.show({ type: 'begin', task: 'x', total: 10 })
      display.show({ type: 'note', message: 'careful' })
      display.close()
      expect(String(stderr.read() ?? '')).to.equal(shown)
    }
  })

  it('moves on a terminal: the task, its blobs, notes above them, and a summary that stays', async () => {
    const stderr = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 100,
      rows: 24,
      cursorTo() {},
      clearLine() {},
      moveCursor() {},
    })
    const display = displayFor({ stderr, env: { NO_COLOR: '1' } }, plain, { quiet: false, progress: true })
    display.show({ type: 'begin', task: 'Saving x', total: 1000 })
    display.show({ type: 'blob', id: 'a', label: 'aaaaaaaaaaaa', size: 1000 })
    display.show({ type: 'bytes', id: 'a', count: 500, kind: 'copied' })
    const drawn = await untilDrawn(stderr, 'aaaaaaaaaaaa')
    expect(drawn).to.contain('Saving x: 500 B of 1.00 kB (50 %)')
    expect(drawn).to.contain('[==========          ] 500 B of 1.00 kB')
    expect(drawn).not.to.contain('\u001b[3')
    display.show({ type: 'note', message: 'again' })
    display.show({ type: 'bytes', id: 'a', count: 500, kind: 'copied' })
    display.show({ type: 'end', task: 'Saving x' })
    display.close()
    const rest = String(stderr.read())
    expect(rest).to.contain('again\n')
    expect(rest).to.match(/ok Saving x: 1\.00 kB in .*\n/)
  })
})

/** ora is loaded when it is first needed, and draws in steps. */
async function untilDrawn(stream: PassThrough, text: string): Promise<string> {
  let drawn = ''
  while (!drawn.includes(text)) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    drawn += String(stream.read() ?? '')
  }
  return drawn
}
