import { expect } from 'chai'
import { compareVersions, parseVersion } from '../../catalog/version.js'

function compare(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  if (!left || !right) throw new Error(`not versions: ${a}, ${b}`)
  return Math.sign(compareVersions(left, right))
}

describe('versions', () => {
  it('compares parts as numbers and not as texts', () => {
    expect(compare('10.0.14300.1010', '10.0.9999.1')).to.equal(1)
    expect(compare('9.0', '10.0')).to.equal(-1)
    expect(compare('1.10', '1.9')).to.equal(1)
  })

  it('takes missing parts for 0', () => {
    expect(compare('10.0', '10.0.0.0')).to.equal(0)
    expect(compare('10.0', '10.0.0.1')).to.equal(-1)
    expect(parseVersion('22.04')?.parts).to.deep.equal([22, 4, 0, 0])
  })

  it('takes parts up to 2^31-1 and no further', () => {
    expect(parseVersion('1.2147483647')?.parts[1]).to.equal(2147483647)
    expect(parseVersion('1.2147483648')).to.equal(undefined)
    expect(parseVersion('1.99999999999999999999')).to.equal(undefined)
  })

  const none = [
    '',
    '.5',
    '5.',
    '12',
    '1.2.3.4.5',
    '1..2',
    ' 1.2',
    '1.2 ',
    '1.2\n',
    '-1.2',
    '1.2-rc1',
    'v1.2',
    'ltsc2022',
    '1.٣',
  ]
  for (const text of none)
    it(`does not take ${JSON.stringify(text)} for a version`, () => {
      expect(parseVersion(text)).to.equal(undefined)
    })
})
