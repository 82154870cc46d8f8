import { expect } from 'chai'
import { hasWildcard, matcher } from '../../catalog/wildcard.js'

describe('wildcards', () => {
  const matches: [pattern: string, text: string][] = [
    ['NanoServer', 'nanoserver'],
    ['*', ''],
    ['*', 'anything/at-all'],
    ['nano*', 'NanoServer'],
    ['*server', 'NanoServer'],
    ['*n*o*r', 'NanoServer'],
    ['n?noserver', 'NanoServer'],
    ['[mn]ano*', 'NanoServer'],
    ['[A-N]ano*', 'nanoserver'],
    ['[a-n]ano*', 'NANOSERVER'],
    ['10.0.20348.*', '10.0.20348.2227'],
    ['a`*b', 'a*b'],
    ['a`[b', 'a[b'],
    ['[]]', ']'],
    ['[a`-z]', '-'],
    ['[a-]', '-'],
    ['a``b', 'a`b'],
    ['a`', 'a`'],
    ['?', '💾'],
    ['**a**', 'xa'],
  ]
  for (const [pattern, text] of matches)
    it(`${pattern} matches ${JSON.stringify(text)}`, () => {
      expect(matcher(pattern)(text)).to.equal(true)
    })

  const misses: [pattern: string, text: string][] = [
    ['NanoServer', 'NanoServer2'],
    ['nano', 'NanoServer'],
    ['?', ''],
    ['a`*b', 'aXb'],
    ['[a-c]', 'd'],
    ['[a`-z]', 'b'],
    ['[!a]', 'b'],
    ['10.0.20348.*', '10.0.20349.1'],
    ['10?0', '10.00'],
    ['a.c', 'abc'],
    ['*ab', 'aab '],
  ]
  for (const [pattern, text] of misses)
    it(`${pattern} does not match ${JSON.stringify(text)}`, () => {
      expect(matcher(pattern)(text)).to.equal(false)
    })

  it('tells patterns from names', () => {
    for (const pattern of ['*', 'a?', '[a]', 'a]']) expect(hasWildcard(pattern), pattern).to.equal(true)
    for (const name of ['NanoServer', 'a`*', '10.0.1', 'library/debian', '``'])
      expect(hasWildcard(name), name).to.equal(false)
  })

  it('refuses a bracket that is not closed, in the words of PowerShell', () => {
    expect(() => matcher('nano['))
      .to.throw('The specified wildcard character pattern is not valid')
      .with.property('code', 'USAGE')
    expect(() => matcher('a[b`]'))
      .to.throw()
      .with.property('code', 'USAGE')
  })

  it('takes no more time for many stars (no catastrophic backtracking)', () => {
    const test = matcher(`${'*a'.repeat(500)}b`)
    expect(test('a'.repeat(10_000))).to.equal(false)
  })
})
