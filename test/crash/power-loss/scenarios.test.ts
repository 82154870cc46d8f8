import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { SCENARIOS } from '../injection/all-scenarios.js'
import { Inputs } from '../injection/inputs.js'
import { seededRandom } from '../killing.js'
import { canTrace } from '../tracing.js'
import { recordScenario } from './player.js'

/** One of each kind of thing that is written; `npm run power-loss` plays all scenarios. */
const PLAYED = [
  'install of a tar',
  'install of a media, with a second receipt on it',
  'tag that moves',
  'config set, another',
  'save as a tar',
  'save onto a media that has an image',
  'save as volumes with recovery files',
]

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)

describeWithPeers(['strace'], `a loss of power (CRASH_SEED=${seed})`, () => {
  const folders = scratch()
  let inputs: Inputs
  before(function () {
    if (process.platform !== 'linux' || !canTrace()) this.skip()
    inputs = new Inputs(folders.folder())
  })
  after(async () => {
    await inputs?.close()
    folders.remove()
  })

  const random = seededRandom(seed)
  for (const title of PLAYED) {
    const share = random()
    it(`leaves the old or the new state, and the next run completes: ${title}`, async () => {
      const scenario = SCENARIOS.find((one) => one.title === title)
      if (!scenario) throw new Error(`There is no scenario ${title}.`)
      const recording = await recordScenario(scenario, inputs, path.join(folders.folder(), 'own'))
      const moment = recording.moments[Math.floor(share * recording.moments.length)] ?? 1
      for (const { title: what, faults } of await recording.lose(moment))
        expect(
          faults,
          `${what}; to be seen again with npm run power-loss -- --scenario '${title}' --from ${moment} --most 1`,
        ).to.deep.equal([])
    })
  }
})
