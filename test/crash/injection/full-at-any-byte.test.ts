import path from 'node:path'
import { scratch } from '../../scratch.js'
import { prepare } from './experiment.js'
import { Inputs } from './inputs.js'
import { describePreloaded, expectNoFault } from './sample.js'
import { compileShim } from './shim.js'
import { SMALL_FILES } from './small-file-scenarios.js'
import { TRUST } from './trust-scenarios.js'

/** Small files, of which a disk that is nearly full takes a part without an error. */
const OF_SETTINGS = [...SMALL_FILES, ...TRUST].filter(({ title }) =>
  /^(config set|source|trust) ?/.test(title),
)

describePreloaded(['cc'], 'a disk that is full in the middle of a file', () => {
  const temporary = scratch()
  let folder: string
  let shim: string
  let inputs: Inputs

  before(() => {
    folder = temporary.folder()
    shim = compileShim(folder)
    inputs = new Inputs(folder)
  })
  after(async () => {
    await inputs?.close()
    temporary.remove()
  })

  for (const [i, scenario] of OF_SETTINGS.entries())
    it(`leaves the settings as they were: ${scenario.title}`, async () => {
      const experiment = await prepare(scenario, inputs, { folder: path.join(folder, `${i}`), shim })
      try {
        for (const share of [0, 0.5, 0.97]) await expectNoFault(experiment, share, 'ROOM')
      } finally {
        experiment.remove()
      }
    })
})
