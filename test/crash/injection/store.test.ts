import { sampleOf } from './sample.js'
import { SMALL_FILES } from './small-file-scenarios.js'
import { STORE_CHANGES } from './store-scenarios.js'
import { TRANSFERS } from './transfer-scenarios.js'

sampleOf(
  'a call that fails, or that the process does not live through: store, settings, registries, engines',
  [...STORE_CHANGES, ...SMALL_FILES, ...TRANSFERS],
)
