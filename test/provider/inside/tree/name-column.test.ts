import { expect } from 'chai'
import { NameColumn } from '../../../../provider/inside/tree/name-column.js'

describe('names in one column', () => {
  const names = ['', 'etc', 'naïve', 'ÿ', '한국어', '\udc80\udcff', 'a\udc80', '😀', 'x'.repeat(5000)]

  it('come back as they were, whatever characters they have', () => {
    const column = new NameColumn()
    for (const name of names) column.add(name)
    expect(names.map((_, i) => column.get(i))).to.deep.equal(names)
  })

  it('are told from every other', () => {
    const column = new NameColumn()
    for (const name of names) column.add(name)
    for (const [i, name] of names.entries())
      for (const other of names) expect(column.is(i, other), `${name} ${other}`).to.equal(name === other)
  })

  it('have room for many', () => {
    const column = new NameColumn()
    const many = Array.from({ length: 10_000 }, (_, i) => (i % 3 === 0 ? `이름-${i}` : `name-${i}`))
    for (const name of many) column.add(name)
    expect(many.every((name, i) => column.is(i, name) && column.get(i) === name)).to.equal(true)
  })
})
