import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { BENCHES } from '../../scripts/bench/table.js'

const COMMAND = /npm run bench -- ([a-z]+)/g

/** Of each table of a page: the text of its section before it. */
function beforeEachTable(text: string): string[] {
  return text
    .split(/^(?=## )/m)
    .flatMap((section) => [...section.matchAll(/^[^|\n]*\n\|/gm)].map(({ index }) => section.slice(0, index)))
}

describe('the commands that measure', () => {
  const names = BENCHES.map(({ name }) => name)

  it('have a name each, and a module that runs', async () => {
    expect(new Set(names).size).to.equal(names.length)
    for (const bench of BENCHES)
      expect(readdirSync('scripts/bench'), bench.name).to.include(`${bench.name}.ts`)
  })

  it('are there where a page names one', () => {
    for (const file of readdirSync('docs', { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.md'))
        for (const [, name = ''] of readFileSync(path.join('docs', file), 'utf8').matchAll(COMMAND))
          expect(names, file).to.include(name)
  })

  it('stand before every table of figures', () => {
    const parts = beforeEachTable(readFileSync('docs/performance.md', 'utf8'))
    expect(parts.length).to.be.greaterThan(10)
    for (const part of parts) expect([...part.matchAll(COMMAND)], part).not.to.deep.equal([])
  })
})
