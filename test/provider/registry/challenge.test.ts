import { expect } from 'chai'
import { parseChallenges } from '../../../provider/registry/challenge.js'

describe('WWW-Authenticate', () => {
  const cases: [string, [string, Record<string, string>][]][] = [
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    ['BEARER Realm="https://a/t", Service=b', [['bearer', { realm: 'https://a/t', service: 'b' }]]],
    [
      'Bearer realm="https://a/t",service="b",scope="repository:x:pull,push"',
      [['bearer', { realm: 'https://a/t', service: 'b', scope: 'repository:x:pull,push' }]],
    ],
    [
      'Basic realm="a, b", Bearer realm="c" , error="x\\"y"',
      [
        ['basic', { realm: 'a, b' }],
        ['bearer', { realm: 'c', error: 'x"y' }],
      ],
    ],
    [
      'Negotiate, NTLM abc==, Basic realm = "r"',
      [
        ['negotiate', {}],
        ['ntlm', {}],
        ['basic', { realm: 'r' }],
      ],
    ],
    ['', []],
    [', ,', []],
    ['Bearer realm="never closed', [['bearer', {}]]],
  ]
  for (const [header, expected] of cases)
    it(`reads ${header || 'nothing'}`, () => {
      const found = parseChallenges(header).map((c) => [c.scheme, Object.fromEntries(c.parameters)])
      expect(found).to.deep.equal(expected)
    })

  it('leaves out a challenge that gives a parameter twice, and keeps the next', () => {
    const found = parseChallenges('Bearer realm="https://good/",realm="https://bad/", Basic realm="x"')
    expect(found.map((c) => c.scheme)).to.deep.equal(['basic'])
  })

  it('takes no more time for a hostile header', () => {
    const times = 1_000_000
    parseChallenges(`Bearer ${'a="\\'.repeat(times)}`)
    parseChallenges('a='.repeat(times))
    parseChallenges(`${'a '.repeat(times)}=`)
  })
})
