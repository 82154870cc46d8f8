import { expect } from 'chai'
import { ntfsUpcase } from '../../../../../provider/formats/wim/read/upcase.js'
import { upcaseOfNewVolume, upcaseRuns } from '../../../../../scripts/make-upcase.js'
import { describeWithPeers } from '../../../../peers/peers.js'

describe('names as NTFS compares them', () => {
  it('are one where Windows takes them for one', () => {
    for (const [one, other] of ['aA', 'éÉ', 'яЯ', 'ǆǄ', 'ῳῼ', 'ｚＺ', 'ÿŸ', 'σΣ'].map((pair) => [...pair]))
      expect(ntfsUpcase(`x${one}`), one).to.equal(ntfsUpcase(`X${other}`))
  })

  it('are two where only Unicode takes them for one', () => {
    for (const [one, other] of ['µμ', 'ςσ', 'ıi', 'ſs', '\u0390\u1fd3', 'ẛṡ', 'ιͅ', '𐐨𐐀', 'K\u212a'].map(
      (pair) => [...pair],
    ))
      expect(ntfsUpcase(one ?? ''), one).not.to.equal(ntfsUpcase(other ?? ''))
    expect(ntfsUpcase('straße')).not.to.equal(ntfsUpcase('STRASSE'))
    expect(ntfsUpcase('ﬁle')).not.to.equal(ntfsUpcase('FILE'))
  })

  it('keep their length, and surrogates without a partner', () => {
    expect(ntfsUpcase('a\ud800ß\udc00')).to.equal('A\ud800ß\udc00')
  })
})

describeWithPeers(['mkntfs', 'ntfscat'], 'the table of upper cases', () => {
  it('is that of a volume which mkntfs makes', () => {
    const table = upcaseOfNewVolume()
    for (let unit = 0; unit < 0x10000; unit++)
      expect(ntfsUpcase(String.fromCharCode(unit)).charCodeAt(0), unit.toString(16)).to.equal(table[unit])
    expect(upcaseRuns(table).reduce((sum, { count }) => sum + count, 0)).to.equal(
      table.filter((upper, unit) => upper !== unit).length,
    )
  })
})
