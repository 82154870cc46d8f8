import { expect } from 'chai'
import { nextLink } from '../../../provider/registry/link.js'

describe('the Link header', () => {
  const cases: [string | undefined, string | undefined][] = [
    ['</v2/a/tags/list?n=2&last=b>; rel="next"', '/v2/a/tags/list?n=2&last=b'],
    ['</x>; rel=next', '/x'],
    ['</x>;title="a, <b>; rel=next";REL="Next last"', '/x'],
    ['</first>; rel="prev", </second>; rel="next"', '/second'],
    ['<https://a/b?c=d,e>; rel="next"; foo', 'https://a/b?c=d,e'],
    ['</x>; rel="prev"; rel="next"', undefined],
    ['</x>; rel="nextish"', undefined],
    ['</x>', undefined],
    ['/x; rel="next"', undefined],
    ['</x; rel="next"', undefined],
    ['', undefined],
    [undefined, undefined],
  ]
  for (const [header, expected] of cases)
    it(`finds ${expected ?? 'no next page'} in ${header || 'nothing'}`, () => {
      expect(nextLink(header)).to.equal(expected)
    })

  it('takes no more time for a hostile header', () => {
    const times = 1_000_000
    nextLink(`<x>${'; a="b\\'.repeat(times)}`)
    nextLink('<'.repeat(times))
    nextLink(`<x>${' ; '.repeat(times)}`)
  })
})
