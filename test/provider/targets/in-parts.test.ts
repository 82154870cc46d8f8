import { expect } from 'chai'
import { inGrowingParts, inParts } from '../../../provider/targets/in-parts.js'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('work in parts', () => {
  it('has so many in each, and the rest in the last', () => {
    expect(inParts(numbers(7), 3)).to.deep.equal([[0, 1, 2], [3, 4, 5], [6]])
    expect(inParts(numbers(5), 2.2)).to.deep.equal([
      [0, 1, 2],
      [3, 4],
    ])
    expect(inParts([], 3)).to.deep.equal([])
  })

  it('that grow has as many in each as before it', () => {
    const sizes = (count: number) => inGrowingParts(numbers(count), 100).map(({ length }) => length)
    expect(sizes(0)).to.deep.equal([])
    expect(sizes(1)).to.deep.equal([1])
    expect(sizes(100)).to.deep.equal([100])
    expect(sizes(101)).to.deep.equal([100, 1])
    expect(sizes(1000)).to.deep.equal([100, 100, 200, 400, 200])
    expect(inGrowingParts(numbers(1000), 100).flat()).to.deep.equal(numbers(1000))
  })

  it('that grow takes one more part where there are twice as many', () => {
    const parts = [1000, 2000, 4000, 8000].map((count) => inGrowingParts(numbers(count), 100).length)
    expect(parts).to.deep.equal([5, 6, 7, 8])
  })
})
