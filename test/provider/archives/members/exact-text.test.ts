import { expect } from 'chai'
import { exactText, isUtf8, wideText } from '../../../../provider/archives/members/exact-text.js'

/** By Python: `bytes.decode('utf-8', 'surrogateescape')`. */
const DECODED: [bytes: string, text: string][] = [
  ['6162', 'ab'],
  ['c3a9e79baef09fa69c', 'é目🦜'],
  ['efbfbd', '\ufffd'],
  ['efbbbf61', '\ufeffa'],
  ['61e962', 'a\udce9b'],
  ['efbfbde9', '\ufffd\udce9'],
  ['eda080', '\udced\udca0\udc80'],
  ['c080', '\udcc0\udc80'],
  ['e08080', '\udce0\udc80\udc80'],
  ['f0808080', '\udcf0\udc80\udc80\udc80'],
  ['f4908080', '\udcf4\udc90\udc80\udc80'],
  ['f5', '\udcf5'],
  ['e79b', '\udce7\udc9b'],
  ['e79bc3a9', '\udce7\udc9bé'],
  ['f09fa6', '\udcf0\udc9f\udca6'],
]

describe('bytes as text', () => {
  for (const [bytes, text] of DECODED)
    it(`keeps ${bytes} apart from all others`, () => {
      expect(exactText(Buffer.from(bytes, 'hex'))).to.equal(text)
      expect(isUtf8(text)).to.equal(Buffer.from(bytes, 'hex').toString('utf8') === text)
    })

  it('never gives two names one text', () => {
    const seen = new Map<string, string>()
    for (let a = 0x7e; a < 0x100; a++)
      for (let b = 0x7e; b < 0x100; b++)
        for (const more of [[], [0x80], [0xa0, 0x80], [0xbf, 0xbd]]) {
          const bytes = Buffer.from([a, b, ...more])
          const text = exactText(bytes)
          expect(seen.get(text), bytes.toString('hex')).to.equal(undefined)
          seen.set(text, bytes.toString('hex'))
        }
  })

  it('reads half of a character as Windows has it, and nothing else that is not UTF-8', () => {
    const wide = (hex: string) => wideText(exactText(Buffer.from(hex, 'hex')))
    expect(wide('61eda0802e747874')).to.equal('a\ud800.txt')
    expect(wide('edb080')).to.equal('\udc00')
    expect(wide('edbfbf')).to.equal('\udfff')
    expect(wide('edb080eda080')).to.equal('\udc00\ud800')
    // A character whose second half in UTF-16 looks like the byte ED.
    expect(wide('f09f93ad')).to.equal('\u{1f4ed}')
    expect(wide('f09f93adeda080')).to.equal('\u{1f4ed}\ud800')
    // CESU-8: the two would be the character F0 9F A6 9C.
    expect(wide('eda0beedb69c')).to.equal(undefined)
    for (const bytes of ['e9', 'eda0', 'eda080e9', 'f09f93ada080', 'efbfbde9'])
      expect(wide(bytes), bytes).to.equal(undefined)
    expect(wide('efbfbd')).to.equal('\ufffd')
  })
})
