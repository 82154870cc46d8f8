import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { threats } from '../scripts/mutate/threat-list.js'
import { NOTHING_TO_TAKE_OUT, rules } from '../scripts/mutate/threat-rules.js'

/** Folders whose tests are all about attacks. */
const FOLDERS = ['security', 'hostile']

function textOf(file: string): string {
  const place = path.join('test', `${file}.test.ts`)
  return existsSync(place) ? readFileSync(place, 'utf8') : ''
}

describe('every threat', () => {
  const listed = threats()
  const page = readFileSync('docs/threat-model.md', 'utf8')

  it('has a number of its own, in order', () => {
    expect(listed.length).to.be.greaterThan(90)
    expect(listed.map(({ number }) => number)).to.deep.equal(listed.map((_, i) => i + 1))
    expect([...page.matchAll(/^\| \d+ \|/gm)]).to.have.length(listed.length)
  })

  it('comes from somebody whom the page names', () => {
    const named = [...page.matchAll(/^\| ([a-z]+) \| [^|]+ \|$/gm)].map(([, name]) => name)
    expect(
      [...new Set(listed.map(({ from }) => from))].filter((from) => !named.includes(from)),
    ).to.deep.equal([])
  })

  it('has tests, which are there under their titles', () => {
    for (const { number, shownBy } of listed) {
      expect(shownBy, `threat ${number}`).not.to.deep.equal([])
      for (const { file, title } of shownBy)
        expect(textOf(file), `threat ${number}: ${file}`).to.include(title)
    }
  })

  it('that a folder of attacks tests is on the page', () => {
    const named = new Set(listed.flatMap(({ shownBy }) => shownBy.map(({ file }) => file)))
    const tests = FOLDERS.filter((folder) => existsSync(path.join('test', folder))).flatMap((folder) =>
      readdirSync(path.join('test', folder))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name.replace(/\.test\.ts$/, '')}`),
    )
    expect(tests.length).to.be.greaterThan(30)
    expect(tests.filter((file) => !named.has(file))).to.deep.equal([])
  })

  it('and each class of attack that a test is named after is on the page', () => {
    const advisories = FOLDERS.filter((folder) => existsSync(path.join('test', folder)))
      .flatMap((folder) =>
        readdirSync(path.join('test', folder)).map((name) => path.join('test', folder, name)),
      )
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/describe\(['`].*?(CVE-\d+-\d+)/g)])
      .map(([, advisory]) => advisory ?? '')
    expect(advisories.length).to.be.greaterThan(10)
    expect(advisories.filter((advisory) => !page.includes(advisory))).to.deep.equal([])
  })

  it('has a rule that can be taken out: what makes it stands in its source once', () => {
    const takenOut = rules()
    const without = listed.filter(
      ({ number }) => !(number in NOTHING_TO_TAKE_OUT) && !takenOut.some(({ threat }) => threat === number),
    )
    expect(without.map(({ number }) => number)).to.deep.equal([])
    for (const { threat, edits } of takenOut)
      for (const { file, rule, without: changed } of edits) {
        expect(readFileSync(file, 'utf8').split(rule), `threat ${threat}: ${file}`).to.have.length(2)
        expect(changed).not.to.equal(rule)
      }
  })
})
