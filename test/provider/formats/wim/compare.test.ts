import { expect } from 'chai'
import { compareWims } from '../../../../scripts/compare-wims.js'
import { describeWithPeers } from '../../../peers/peers.js'

describeWithPeers(['wimlib-imagex'], 'random trees, beside wimlib', () => {
  it('are shown by it as they were made, and read here as it writes them again', async () => {
    const { differences, entries } = await compareWims(20, 20161012)
    expect(differences).to.deep.equal([])
    expect(entries).to.be.greaterThan(400)
  })
})
