import { expect } from 'chai'
import { fuzz } from '../../scripts/fuzz/engine.js'
import { DOCUMENTS } from '../../scripts/fuzz/targets/documents.js'
import { INSIDE } from '../../scripts/fuzz/targets/inside.js'
import { TRUST } from '../../scripts/fuzz/targets/trust.js'
import { WORDS } from '../../scripts/fuzz/targets/words.js'
import { scratch } from '../scratch.js'

describe('the fuzzer', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  for (const target of [...DOCUMENTS, ...WORDS, ...INSIDE, ...TRUST])
    it(`begins with what its parser takes: ${target.name}`, async () => {
      const { seeds, take } = await target.prepare(temporary.folder())
      for (const seed of seeds) await take(Buffer.from(seed))
    })

  it('tells an error that is none of ours once, and makes the same inputs of the same seed', async () => {
    const given: string[] = []
    const target = {
      name: 'toy',
      prepare: () => ({
        seeds: [Buffer.from('abcd')],
        take(input: Buffer) {
          given.push(input.toString('hex'))
          if (input.length > 4) throw new TypeError('too long')
        },
      }),
    }
    const { findings } = await fuzz(target, { seconds: 0.3, seed: 5 })
    expect(findings.map(({ what }) => what.split('\n')[0])).to.deep.equal(['TypeError: too long'])
    const first = given.splice(0)
    await fuzz(target, { seconds: 0.3, seed: 5 })
    const both = Math.min(first.length, given.length)
    expect(given.slice(0, both)).to.deep.equal(first.slice(0, both))
  })
})
