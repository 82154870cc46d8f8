import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as script from '../../../../scripts/build-delta-kernel.js'

describe("the delta's kernel", () => {
  it('is what its sources compile to', async () => {
    expect(await script.compileKernel()).to.equal(readFileSync(script.EMBEDDED, 'utf8'))
  })
})
