import { expect } from 'chai'
import { ageInWords } from '../../catalog/tag-age.js'
import { tagRule } from '../../catalog/tag-rule.js'

describe('tag rules', () => {
  it('leave tags to themselves where there is none', () => {
    expect(tagRule(undefined)('12.5')).to.deep.equal({})
  })

  it('say which tags are versions', () => {
    const rule = tagRule('[0-9]+\\.04')
    expect(rule('24.04')).to.deep.equal({})
    expect(rule('24.10')).to.deep.equal({ comparesAs: '' })
    expect(rule('24.04-x'), 'the whole tag must match').to.deep.equal({ comparesAs: '' })
  })

  it('take what the first group captures', () => {
    const rule = tagRule('v?([0-9.]+)-slim|never')
    expect(rule('v12.5-slim')).to.deep.equal({ comparesAs: '12.5' })
    expect(rule('12.5')).to.deep.equal({ comparesAs: '' })
    expect(rule('never')).to.deep.equal({ comparesAs: '' })
  })

  it('read a single number as a version where they name it', () => {
    expect(tagRule('[0-9]+')('41')).to.deep.equal({ comparesAs: '41.0' })
  })

  it('that are no regular expression are refused', () => {
    expect(() => tagRule('('))
      .to.throw('not a regular expression')
      .with.property('code', 'SOURCE_INVALID')
  })
})

describe('ages in words', () => {
  const MINUTE = 60_000
  const ages: [milliseconds: number, words: string][] = [
    [-5, 'just now'],
    [0, 'just now'],
    [MINUTE - 1, 'just now'],
    [MINUTE, '1 minute old'],
    [59 * MINUTE, '59 minutes old'],
    [60 * MINUTE, '1 hour old'],
    [3.9 * 60 * MINUTE, '3 hours old'],
    [24 * 60 * MINUTE, '1 day old'],
    [400 * 24 * 60 * MINUTE, '400 days old'],
  ]
  for (const [milliseconds, words] of ages)
    it(`${milliseconds} ms are ${words}`, () => {
      expect(ageInWords(milliseconds)).to.equal(words)
    })
})
