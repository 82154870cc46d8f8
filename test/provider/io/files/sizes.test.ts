import { expect } from 'chai'
import { sizeInWords } from '../../../../provider/io/files/sizes.js'

describe('a size in words', () => {
  for (const [bytes, words] of [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1234, '1.23 kB'],
    [9994, '9.99 kB'],
    [9995, '10.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_300_000_000, '1.30 GB'],
    [2e18, '2000 PB'],
  ] as const)
    it(`${bytes} is ${words}`, () => {
      expect(sizeInWords(bytes)).to.equal(words)
    })
})
