import { expect } from 'chai'
import { fuzzWim } from '../../../../scripts/fuzz-wim.js'
import { describeWithPeers } from '../../../peers/peers.js'

describeWithPeers(['wimlib-imagex'], 'fuzzing WIM files', () => {
  it('finds no crash, no hang and no growth of memory in a few seconds', async () => {
    const report = await fuzzWim(3, 20161012)
    expect(report.findings).to.deep.equal([])
    expect(report.inputs).to.be.greaterThan(20)
    expect(report.damaged).to.be.greaterThan(0)
    expect(report.refused).to.be.greaterThan(0)
  })
})
