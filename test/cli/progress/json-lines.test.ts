import { expect } from 'chai'
import { JsonLinesDisplay } from '../../../cli/progress/json-lines.js'

describe('progress as JSON lines', () => {
  it('tells what begins, how far it is twice a second, and the end, one object a line', () => {
    const lines: string[] = []
    let at = 0
    const display = new JsonLinesDisplay(
      (line) => lines.push(line),
      () => at,
    )
    display.show({ type: 'begin', task: 'Saving x', total: 1000 })
    display.show({ type: 'blob', id: 'a', label: 'blob a', size: 1000 })
    for (let step = 1; step <= 10; step++) {
      at = step * 100
      display.show({ type: 'bytes', id: 'a', count: 100, kind: 'copied' })
    }
    display.show({ type: 'note', message: 'a note\u001b[31m' })
    display.show({ type: 'blob-end', id: 'a' })
    display.show({ type: 'end', task: 'Saving x' })
    const events = lines.map((line) => JSON.parse(line))
    expect(events.map((event) => event.event)).to.deep.equal([
      'begin',
      'blob',
      'progress',
      'progress',
      'note',
      'blob-end',
      'progress',
      'end',
    ])
    expect(events[2]).to.include({ done: 500, total: 1000, copied: 500, bytesPerSecond: 1250 })
    expect(events[2].secondsLeft).to.equal(1)
    expect(events[4].message).to.equal('a note?[31m')
    expect(events.at(-1)).to.deep.equal({
      event: 'end',
      task: 'Saving x',
      done: 1000,
      total: 1000,
      seconds: 1,
    })
  })
})
