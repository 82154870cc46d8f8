import { describePreloaded, expectNoFault, preparation } from './sample.js'
import { SMALL_FILES } from './small-file-scenarios.js'
import { TRUST } from './trust-scenarios.js'

/** Small files, of which a disk that is nearly full takes a part without an error. */
const OF_SETTINGS = [...SMALL_FILES, ...TRUST].filter(({ title }) =>
  /^(config set|source|trust) ?/.test(title),
)

describePreloaded(['cc'], 'a disk that is full in the middle of a file', () => {
  const prepared = preparation()

  for (const [i, scenario] of OF_SETTINGS.entries())
    it(`leaves the settings as they were: ${scenario.title}`, async () => {
      const experiment = await prepared(scenario, `${i}`)
      try {
        for (const share of [0, 0.5, 0.97]) await expectNoFault(experiment, share, 'ROOM')
      } finally {
        experiment.remove()
      }
    })
})
