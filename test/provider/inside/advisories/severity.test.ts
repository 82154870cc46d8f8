import { expect } from 'chai'
import { cvssScore } from '../../../../provider/inside/advisories/cvss.js'
import { severityOfScore, severityOfWord } from '../../../../provider/inside/advisories/severity.js'

describe('the severity of an advisory', () => {
  /** Scores as the specifications' own examples and the National Vulnerability Database have them. */
  const SCORES: [string, number][] = [
    ['AV:N/AC:L/Au:N/C:N/I:N/A:C', 7.8],
    ['AV:N/AC:L/Au:N/C:C/I:C/A:C', 10],
    ['(AV:L/AC:H/Au:N/C:C/I:C/A:C)', 6.2],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', 7.5],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
    ['CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 9.3],
    ['CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 7.7],
  ]

  it('is told by vectors of CVSS 2.0, 3.0, 3.1 and 4.0', () => {
    expect(SCORES.map(([vector]) => [vector, cvssScore(vector)])).to.deep.equal(SCORES)
  })

  it('is not told by what is no vector', () => {
    for (const text of [
      '',
      'high',
      '7.5',
      'CVSS:3.1/',
      'CVSS:3.1/AV:N',
      'CVSS:9.9/AV:N/AC:L',
      'CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N',
      'AV:N/AC:L',
      `CVSS:3.1/${'AV:N/'.repeat(1000)}`,
    ])
      expect(cvssScore(text), text.slice(0, 60)).to.equal(undefined)
  })

  it('is low, medium, high or critical by its score', () => {
    expect([0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(severityOfScore)).to.deep.equal([
      'negligible',
      'low',
      'low',
      'medium',
      'medium',
      'high',
      'high',
      'critical',
      'critical',
    ])
  })

  it("is told by publishers' words", () => {
    const words = [
      'CRITICAL',
      'Important',
      'MODERATE',
      'medium',
      'low**',
      'unimportant',
      'negligible',
      'not yet assigned',
      'constructor',
      7,
    ]
    expect(words.map(severityOfWord)).to.deep.equal([
      'critical',
      'high',
      'medium',
      'medium',
      'low',
      'negligible',
      'negligible',
      'unknown',
      'unknown',
      'unknown',
    ])
  })
})
