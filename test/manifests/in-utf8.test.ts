import { expect } from 'chai'
import { inUtf8 } from '../../manifests/index.js'
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
})
