import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { compileDecoders, EMBEDDED } from '../../../../scripts/build-wim-decoders.js'

describe('the compiled decoders', () => {
  it('are those of the sources beside them', async () => {
    expect(await compileDecoders()).to.equal(readFileSync(EMBEDDED, 'utf8'))
  })
})
