import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { ERROR_CODES } from '../../manifests/index.js'
import { apiPage } from '../../scripts/docs/api-page.js'
import { type Library, readLibrary } from '../../scripts/docs/library.js'

describe('the library', () => {
  let library: Library

  before(() => {
    library = readLibrary()
  })

  it('is what docs/api.md says; `npm run docs` writes it', () => {
    expect(readFileSync('docs/api.md', 'utf8')).to.equal(apiPage(library))
  })

  it('exports every type that one of its signatures or types names', () => {
    expect(library.types.length).to.be.greaterThan(50)
    expect(library.missing).to.deep.equal([])
  })

  it('has a line for every type, and for every member of one', () => {
    const silent = library.types
      .filter(({ name }) => !TOLD_BY_THE_FORMAT.includes(name))
      .flatMap(({ name, doc, bases, members }) => [
        // The name of a request says what it is, and its function the rest.
        ...(doc === '' && members.length === 0 && bases.length === 0 ? [name] : []),
        ...members.filter((one) => one.doc === '').map((one) => `${name}.${one.name}`),
      ])
    expect(silent).to.deep.equal([])
  })

  it('says of every function what it does and which codes it throws, all of which there are', () => {
    for (const { name, doc, throws } of library.functions) {
      expect(doc, name).not.to.equal('')
      const codes = throws.match(/\b[A-Z]{2,}(_[A-Z]+)*\b/g) ?? []
      if (throws !== 'nothing') expect(codes, name).not.to.deep.equal([])
      expect(Object.keys(ERROR_CODES), name).to.include.members(codes)
    }
  })
})

/** Copies of what a WIM says in its header and XML data, under the same names. */
const TOLD_BY_THE_FORMAT = ['InspectedWim', 'InspectedWimImage']
