import { expect } from 'chai'
import { fuzz } from '../../../../scripts/fuzz/engine.js'
import { WIM } from '../../../../scripts/fuzz/targets/wim.js'
import { describeWithPeers } from '../../../peers/peers.js'

describeWithPeers(['wimlib-imagex'], 'fuzzing WIM files', () => {
  it('finds no crash, no hang and no growth of memory in a few seconds', async () => {
    const report = await fuzz(WIM, { seconds: 3, seed: 20161012 })
    expect(report.findings).to.deep.equal([])
    expect(report.inputs).to.be.greaterThan(20)
    expect(report.refused).to.be.greaterThan(0)
  })
})
