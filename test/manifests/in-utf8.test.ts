import { expect } from 'chai'
import { headInUtf8, inUtf8 } from '../../manifests/index.js'
import { windowsForms } from '../windows.js'

describe('a text that somebody wrote', () => {
  it('is read in each form that programs on Windows give it', () => {
    for (const text of ['', 'x', '{"a":"ä€😀"}', 'line\r\nline\r\n'])
      for (const [form, bytes] of Object.entries(windowsForms(text)))
        expect(inUtf8(bytes).toString('utf8'), form).to.equal(text)
  })

  it('is left as it is without a mark, also where it is a part of a larger buffer', () => {
    const bytes = Buffer.from('..\u0000\u00ff{"a":1}', 'latin1')
    expect(inUtf8(bytes)).to.deep.equal(bytes)
    expect(inUtf8(new Uint8Array(bytes.buffer, bytes.byteOffset + 4, 3)).toString()).to.equal('{"a')
  })

  it('is refused where UTF-16 ends or breaks within a character', () => {
    for (const text of ['x', '{"a":1}', 'line\r\n']) {
      const {
        'UTF-16, as > writes it': low = Buffer.of(),
        'UTF-16, the high byte first': high = Buffer.of(),
      } = windowsForms(text)
      for (const bytes of [low, high]) {
        for (const more of [[0], [0x41], [0x0a]])
          expect(() => inUtf8(Buffer.concat([bytes, Buffer.from(more)])), text).to.throw('cut short')
        expect(() => inUtf8(bytes.subarray(0, -1)), text).to.throw('cut short')
      }
    }
    const bird = Buffer.from('\ufeffa\u{1f99c}b', 'utf16le')
    const broken = [
      bird.subarray(0, -4),
      Buffer.from('\ufeff\udc00', 'utf16le'),
      Buffer.from('\ufeff\ud800b', 'utf16le'),
    ]
    for (const bytes of broken) {
      expect(() => inUtf8(bytes)).to.throw('cut short')
      expect(() => inUtf8(Buffer.from(bytes).swap16())).to.throw('cut short')
    }
    expect(inUtf8(bird).toString()).to.equal('a\u{1f99c}b')
    for (const end of [3, 5, 6, 7])
      expect(headInUtf8(bird.subarray(0, end)).toString()).to.match(/^a?\ufffd?$/)
  })
})
