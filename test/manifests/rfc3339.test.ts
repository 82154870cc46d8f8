import { expect } from 'chai'
import { isTime } from '../../manifests/rfc3339.js'
import { Seeded } from './seeded.js'

describe('times', () => {
  const good = [
    '2015-10-31T22:22:56.015925234Z',
    '2024-02-29T00:00:00Z',
    '2000-02-29T23:59:59+14:00',
    '0001-01-01T00:00:00Z',
    '0004-02-29T00:00:00Z',
    '1970-01-01T00:00:01+00:00',
    '2020-02-20t20:00:00z',
  ]
  for (const text of good)
    it(`takes ${text}, which Date can read`, () => {
      expect(isTime(text)).to.equal(true)
      expect(Date.parse(text)).not.to.be.NaN
    })

  for (const text of [
    '',
    '2020-01-01',
    '2020-01-01T00:00:00',
    '2020-01-01 00:00:00Z',
    '2020-01-01T00:00Z',
    '2020-1-1T00:00:00Z',
    '20200101T000000Z',
    '2020-00-01T00:00:00Z',
    '2020-13-01T00:00:00Z',
    '2020-01-00T00:00:00Z',
    '2020-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2020-04-31T00:00:00Z',
    '2020-01-01T24:00:00Z',
    '2020-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2020-01-01T00:00:00.Z',
    '2020-01-01T00:00:00+0100',
    '2020-01-01T00:00:00+24:00',
    '2020-01-01T00:00:00+01:60',
    '+002020-01-01T00:00:00Z',
    '2020-01-01T00:00:00Z\n',
    'x2020-01-01T00:00:00Z',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(isTime(text)).to.equal(false)
    })

  it('takes every time that Date writes', () => {
    const random = new Seeded(5)
    for (let i = 0; i < 2000; i++) {
      const text = new Date(random.below(2 ** 32) * 58_000 - 62_135_596_800_000).toISOString()
      expect(isTime(text), text).to.equal(text.length === 24)
    }
  })
})
