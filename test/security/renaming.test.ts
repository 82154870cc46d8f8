import { expect } from 'chai'
import { sourceFiles } from '../source-files.js'

const ONE_PLACE = 'provider/io/files/rename-and-remove.ts'
const CALLS = /(?<![.\w])(rename|renameSync|rm|rmSync|rmdir|rmdirSync|unlink|unlinkSync)\(/g

describe('giving and taking a name', () => {
  const sources = [...sourceFiles()]

  it('is done in one place, which knows what hinders it on Windows', () => {
    const found = sources
      .filter(([file]) => file !== ONE_PLACE)
      .flatMap(([file, text]) => [...text.matchAll(CALLS)].map(([call]) => `${file}: ${call}`))
    expect(found).to.deep.equal([])
  })

  it('is looked for at all: that place is found', () => {
    const place = sources.find(([file]) => file === ONE_PLACE)?.[1] ?? ''
    expect([...place.matchAll(CALLS)].length).to.be.above(4)
  })
})
